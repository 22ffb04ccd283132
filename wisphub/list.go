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
	var answer envelope[T]
	if err := api.get(ctx, &answer, query, elements...); err != nil {
		return nil, err
	}
	if answer.Results == nil {
		c := call{method: http.MethodGet, route: elements[0]}
		return nil, c.invalid(http.StatusOK, "answer is not a list")
	}
	return &Page[T]{Count: int(answer.Count), Rows: answer.Results}, nil
}

// all reads every page of a small collection, in bounded rounds.
func all[T any](ctx context.Context, api *API, elements ...string) ([]T, error) {
	const maxPages = 20
	var rows []T
	for range maxPages {
		page, err := list[T](ctx, api, ListOptions{Limit: MaxLimit, Offset: len(rows)}.values(), elements...)
		if err != nil {
			return nil, err
		}
		rows = append(rows, page.Rows...)
		if len(page.Rows) == 0 || len(rows) >= page.Count {
			return rows, nil
		}
	}
	c := call{method: http.MethodGet, route: elements[0]}
	return nil, c.invalid(http.StatusOK, "list has no end")
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

// envelope is the frame around every list. A bare list is taken as a whole one.
type envelope[T any] struct {
	Count   Int `json:"count"`
	Results []T `json:"results"`
}

func (e *envelope[T]) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte("[")) {
		type plain envelope[T]
		return json.Unmarshal(data, (*plain)(e))
	}
	err := json.Unmarshal(data, &e.Results)
	e.Count = Int(len(e.Results))
	return err
}
