package wisphub

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
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
	// Count is the number of matching rows in all pages.
	Count int
	// Rows are the rows as WispHub sent them. A row that is not a JSON object is the zero T, so
	// that len(Rows) is the number of rows received.
	Rows []T
}

// getPage reads one page of the collection at elements.
func getPage[T any](ctx context.Context, api *API, query url.Values, elements ...string) (*Page[T], error) {
	var answer listAnswer[T]
	if err := api.get(ctx, &answer, query, elements...); err != nil {
		return nil, err
	}
	if answer.Results == nil {
		return nil, newRead(elements[0]).invalid(http.StatusOK, "answer is not a list")
	}
	return &Page[T]{Count: int(answer.Count), Rows: answer.Results}, nil
}

// getRecord reads the object at elements.
func getRecord[T any](ctx context.Context, api *API, elements ...string) (*T, error) {
	var answer Object[T]
	if err := api.get(ctx, &answer, nil, elements...); err != nil {
		return nil, err
	}
	if answer.Value == nil {
		return nil, newRead(elements[0]).invalid(http.StatusOK, "answer is not an object")
	}
	return answer.Value, nil
}

// listAnswer is the JSON object around the rows of a list. A bare array counts as a whole list.
type listAnswer[T any] struct {
	Count   Int `json:"count"`
	Results []T `json:"results"`
}

func (a *listAnswer[T]) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte("[")) {
		type plain listAnswer[T]
		return json.Unmarshal(data, (*plain)(a))
	}
	err := json.Unmarshal(data, &a.Results)
	a.Count = Int(len(a.Results))
	return err
}
