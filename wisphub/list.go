package wisphub

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"strconv"
)

// MaxLimit is the most rows that WispHub puts in one page, whatever limit is requested
// (wisphub-net-api §2.3).
const MaxLimit = 300

// ListOptions selects a page of a list.
type ListOptions struct {
	// Limit is the number of rows wanted. 0 means WispHub's default of 300. WispHub cuts larger
	// values to [MaxLimit].
	Limit int
	// Offset is the number of rows to skip.
	Offset int
}

func (o ListOptions) values() url.Values {
	query := url.Values{}
	if o.Limit > 0 {
		query.Set("limit", strconv.Itoa(o.Limit))
	}
	if o.Offset > 0 {
		query.Set("offset", strconv.Itoa(o.Offset))
	}
	return query
}

// Page is one page of a list. WispHub's link to the next page is ignored: it leads to plain http,
// sometimes on another host.
type Page[T any] struct {
	// Count is the number of matching rows in all pages; -1 if WispHub does not say.
	Count int
	// Rows are the rows as WispHub sent them. A row that is not a JSON object is the zero T, so
	// that len(Rows) is the number of rows received.
	Rows []T
	// logWrongCount logs how many rows there are instead; nil for a page that is not from WispHub.
	logWrongCount func(rows int)
}

// ConvertPage returns the page with converted rows. The raw rows are garbage at once.
func ConvertPage[T, R any](page *Page[T], convert func(*T) R) *Page[R] {
	rows := make([]R, len(page.Rows))
	for i := range page.Rows {
		rows[i] = convert(&page.Rows[i])
	}
	return &Page[R]{Count: page.Count, Rows: rows, logWrongCount: page.logWrongCount}
}

// Pages returns how many pages the list has, if this is its first page.
func (p *Page[T]) Pages() int {
	behind := p.Count - len(p.Rows)
	if behind <= 0 || len(p.Rows) < minPage {
		return 1
	}
	return 1 + (behind+len(p.Rows)-2)/(len(p.Rows)-1) // each page repeats one row
}

// getPage reads one page of the collection at path.
func getPage[T any](ctx context.Context, api *API, query url.Values, path string) (*Page[T], error) {
	var answer listAnswer[T]
	if err := api.get(ctx, &answer, query, path); err != nil {
		return nil, err
	}
	if answer.Results == nil {
		return nil, invalidRead("answer is not a list", path)
	}
	count := int(answer.Count)
	log := func(rows int) { api.logWrongCount(path, rows, count) }
	return &Page[T]{Count: count, Rows: answer.Results, logWrongCount: log}, nil
}

// record is an object that WispHub answers with.
type record interface {
	// lacks names what the object should carry and does not; "" if it is complete. An object that
	// lacks it is a failure of WispHub and no empty record: {} or {"detail": …} with status 200.
	lacks() string
}

// getRecord reads an object. See newCall for pattern and ids.
func getRecord[T any, P interface {
	*T
	record
}](ctx context.Context, api *API, pattern string, ids ...string) (*T, error) {
	var answer Object[T]
	if err := api.get(ctx, &answer, nil, pattern, ids...); err != nil {
		return nil, err
	}
	if answer.Value == nil {
		return nil, invalidRead("answer is not an object", pattern, ids...)
	}
	if missing := P(answer.Value).lacks(); missing != "" {
		return nil, invalidRead("answer lacks "+missing, pattern, ids...)
	}
	return answer.Value, nil
}

// list is an answer with rows.
type list interface{ length() int }

func (a *listAnswer[T]) length() int { return len(a.Results) }

// listAnswer is the JSON object around the rows of a list. A bare array counts as a whole list.
type listAnswer[T any] struct {
	Count   rowCount `json:"count"`
	Results []T      `json:"results"`
}

// rowCount is a number of rows; -1 for null and anything that is no number.
type rowCount int

func (c *rowCount) UnmarshalJSON(data []byte) error {
	*c = -1
	if number, ok := parseInt(data); ok && number >= 0 {
		*c = rowCount(number)
	}
	return nil
}

// minRowText is less than the length of most rows in JSON; a client has 1,500 bytes.
const minRowText = 1 << 10

// UnmarshalJSON implements [json.Unmarshaler]. It makes room for the rows, so that the list seldom
// grows.
func (a *listAnswer[T]) UnmarshalJSON(data []byte) error {
	rowsAt := 2
	if bytes.HasPrefix(data, []byte("[")) {
		rowsAt = 1
	}
	if countElements(data, rowsAt) > maxPageRows {
		return errTooManyRows
	}
	a.Results = make([]T, 0, min(len(data)/minRowText, MaxLimit))
	err := a.decode(data)
	if len(a.Results) == 0 { // the list may be missing
		a.Results = nil
		err = a.decode(data)
	}
	return err
}

func (a *listAnswer[T]) decode(data []byte) error {
	a.Count = -1
	if !bytes.HasPrefix(data, []byte("[")) {
		type plain listAnswer[T]
		return json.Unmarshal(data, (*plain)(a))
	}
	err := json.Unmarshal(data, &a.Results)
	a.Count = rowCount(len(a.Results))
	return err
}
