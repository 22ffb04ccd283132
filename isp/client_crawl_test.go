package isp

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
)

// An id that repeats in every crawl must not hide the other rows.
func TestCrawl_LeavesOutRepeatedRows(t *testing.T) {
	t.Parallel()
	provider, log := connect(t, serve(t, respondJSON(`{"count":3,"results":[
		{"id_servicio":1,"nombre":"Ana"},{"id_servicio":2,"nombre":"Bo"},{"id_servicio":1,"nombre":"Cy"}]}`)))
	page, err := provider.Clients.List(t.Context(), ClientQuery{})
	if err != nil || page.TotalCount != 2 || page.Nodes[0].Name != "Ana" {
		t.Fatalf("List() = %+v, %v, want Ana and Bo", page, err)
	}
	if lines := log.matching("repeat a service id", `"services":[1]`); len(lines) != 1 {
		t.Errorf("%d log lines about service 1, want 1", len(lines))
	}
}

// WispHub sometimes answers an empty list by mistake. That must not empty the directory.
func TestCrawl_EmptyListDoesNotReplaceClients(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	upstream := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer := `{"count":0,"results":[]}`
		if calls.Add(1) == 1 {
			answer = `{"count":1,"results":[{"id_servicio":1}]}`
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(answer))
	})
	provider, _ := connect(t, serve(t, upstream))
	before, err := provider.Clients.List(t.Context(), ClientQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Clients.directory.Refresh(t.Context(), struct{}{}); !errors.Is(err, errListEmptied) {
		t.Errorf("Refresh() = %v, want errListEmptied", err)
	}
	after, err := provider.Clients.List(t.Context(), ClientQuery{})
	if err != nil || after.TotalCount != 1 || !after.AsOf.Equal(before.AsOf) {
		t.Errorf("List() = %+v, %v, want the previous client with its old AsOf", after, err)
	}
}

// Many callers of a list that cannot be read cost one crawl, not one each.
func TestCrawl_FailureAnswersAllCallers(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 5)
	upstream.Forbid("/api/clientes/")
	for range 5 {
		_, err := provider.Clients.List(t.Context(), ClientQuery{})
		wantErrorIs(t, "List()", err, ErrUpstreamUnavailable)
	}
	wantCalls(t, upstream, 1)
}
