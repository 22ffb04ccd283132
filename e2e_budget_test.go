package main

import (
	"strings"
	"testing"
	"time"
)

func TestBudget_Exhausted(t *testing.T) {
	t.Parallel()
	simulator := newSimulator(t, 30)
	s, _ := startLoggedIn(t, simulator, map[string]string{"UPSTREAM_MINUTE_LIMIT": "3", "API_PASSWORD_HASH": testHash})
	s.query("{ zones { name } }", nil)
	s.query("{ staff { name } }", nil)
	_, body := s.query("{ plans { name } }", nil)
	if !strings.Contains(body, `"code":"RATE_LIMITED"`) || !strings.Contains(body, `"retryAfter":6`) ||
		!strings.Contains(body, "Unable to fetch plan data") {
		t.Errorf("plans = %s, want RATE_LIMITED with about a minute", body)
	}
	if got := simulator.Total(); got != 2 {
		t.Errorf("%d upstream calls, want the 2 of the limit that reads may take", got)
	}
}

// TestBudget_ExhaustedInTheBackground expects a query to fail fast while the background load waits
// for the budget.
func TestBudget_ExhaustedInTheBackground(t *testing.T) {
	t.Parallel()
	simulator := newSimulator(t, 700)
	s, a := startLoggedIn(t, simulator, map[string]string{"UPSTREAM_MINUTE_LIMIT": "1", "API_PASSWORD_HASH": testHash})
	s.query("{ zones { name } }", nil)
	a.warmUp(0)
	start := time.Now()
	_, body := s.query("{ clients { totalCount } }", nil)
	if took := time.Since(start); took > 5*time.Second || !strings.Contains(body, `"code":"RATE_LIMITED"`) {
		t.Errorf("clients = %s after %v, want RATE_LIMITED within a second or two", body, took)
	}
}
