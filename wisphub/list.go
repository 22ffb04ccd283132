package wisphub

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

// MaxLimit is the most rows that WispHub puts in one page, whatever limit is asked for (wisphub-net-api §2.3).
const MaxLimit = 300

// ListOptions is the window of a list.
type ListOptions struct {
	// Limit is the number of rows wanted; 0 leaves it to WispHub (300), more than [MaxLimit] is cut to it there.
	Limit int
	// Offset is the number of rows to pass over.
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

// Page is one page of a list. Its address of the next page is not read: it leads to plain http, at times to another host.
type Page[T any] struct {
	// Count is the number of rows that match in all pages.
	Count int
	// Rows are the page's rows as WispHub sent them. A row that is no JSON object is there as the zero T, so that
	// len(Rows) stays the number of rows received.
	Rows []T
}

// list reads one page of the collection at elements.
func list[T any](ctx context.Context, api *API, query url.Values, elements ...string) (*Page[T], error) {
	var answer listAnswer[T]
	if err := api.get(ctx, &answer, query, elements...); err != nil {
		return nil, err
	}
	if answer.Results == nil {
		c := call{method: http.MethodGet, route: elements[0]}
		return nil, c.invalid(http.StatusOK, "answer is not a list")
	}
	return &Page[T]{Count: int(answer.Count), Rows: answer.Results}, nil
}

// record reads the one object at elements.
func record[T any](ctx context.Context, api *API, elements ...string) (*T, error) {
	var answer Object[T]
	if err := api.get(ctx, &answer, nil, elements...); err != nil {
		return nil, err
	}
	if answer.Value == nil {
		c := call{method: http.MethodGet, route: elements[0]}
		return nil, c.invalid(http.StatusOK, "answer is not an object")
	}
	return answer.Value, nil
}

// listAnswer is the JSON object around the rows of every list. A bare array counts as a whole list.
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
