package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// manyPlans returns an intercept that answers for 45 plans, and counts the calls for details.
func manyPlans(calls *atomic.Int64) func(http.ResponseWriter, *http.Request) bool {
	const count = 45
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/api/plan-internet/") {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path != "/api/plan-internet/" {
			calls.Add(1)
			_, _ = w.Write([]byte(`{"precio":"65000.00","velocidad_bajada":"10M","velocidad_subida":"5M"}`))
			return true
		}
		rows := make([]string, count)
		for i := range rows {
			rows[i] = fmt.Sprintf(`{"id":%d,"nombre":"Plan %d","tipo":"PPPoE"}`, i+1, i+1)
		}
		_, _ = fmt.Fprintf(w, `{"count":%d,"results":[%s]}`, count, strings.Join(rows, ","))
		return true
	}
}

// Five callers who ask for the prices of 45 plans, none of which is in memory, get them at the first
// try, for one call a plan. The limit of an operation still counts plans that are asked for alone.
func Test14_2_ColdPricesOfManyPlans(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	f := newFixture(t, fixtureConfig{intercept: manyPlans(&calls)})
	var callers sync.WaitGroup
	for range 5 {
		callers.Go(func() {
			if a := f.run(t, `{plans{price downloadSpeed}}`); len(a.Errors) > 0 || strings.Count(string(a.Data), `"65000.00"`) != 45 {
				t.Errorf("plans = %.300s, want 45 prices", a.body)
			}
		})
	}
	callers.Wait()
	if got := calls.Load(); got != 45 {
		t.Errorf("the prices cost %d calls, want 45", got)
	}
	f = newFixture(t, fixtureConfig{maxCalls: 2, intercept: manyPlans(&calls)})
	a := f.run(t, `{a:plan(planId:1){price} b:plan(planId:2){price} c:plan(planId:3){price}}`)
	for _, err := range a.Errors {
		if err.Extensions.Code != "QUERY_TOO_COMPLEX" || err.Message != tooComplex(3, 2) {
			t.Errorf("three plans = %+v, want QUERY_TOO_COMPLEX", err)
		}
	}
	if len(a.Errors) != 3 {
		t.Errorf("three plans of at most two = %.300s, want three errors", a.body)
	}
}
