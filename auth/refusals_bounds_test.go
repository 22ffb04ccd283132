package auth

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func Test15_11_RefusalSourcesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service, lines := auditedService(t)
		record := func(n int) {
			ctx := WithSource(t.Context(), Source{Address: fmt.Sprintf("10.0.%d.%d", n>>8, n&255), RequestID: "abc"})
			service.audit.Record(ctx, Event{Action: "authenticate", Outcome: outcomeBadToken})
		}
		for n := range maxRefusalSources + 500 {
			record(n)
		}
		got := lines()
		if want := refusalLine("unknown", "other", "bad token", "abc", 1); len(got) != maxRefusalSources+1 || got[maxRefusalSources] != want {
			t.Errorf("%d lines, the last %s, want %d and %s", len(got), got[len(got)-1], maxRefusalSources+1, want)
		}
		record(0)
		record(1 << 15) // beyond the limit
		if n := len(service.audit.refusals.bySource); n != maxRefusalSources+1 {
			t.Errorf("%d sources are counted, want at most %d and the others", n, maxRefusalSources)
		}
		service.audit.Close()
		got = lines()
		slices.Sort(got)
		wantLines(t, "after Close", got, refusalLine("unknown", "10.0.0.0", "bad token", `""`, 1),
			refusalLine("unknown", "other", "bad token", `""`, 500))
	})
}

// Strangers who fill the sources hide no other kind of refusal, and a user hides no other user.
func Test15_11_FloodHidesNoOtherRefusal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service, lines := auditedService(t)
		refuse := func(user, outcome string, n int) {
			ctx := WithSource(t.Context(), Source{Address: fmt.Sprintf("10.0.%d.%d", n>>8, n&255), RequestID: "abc"})
			service.audit.Record(ctx, Event{Action: "authenticate", User: user, Outcome: outcome})
		}
		for n := range maxRefusalSources {
			refuse("", outcomeExpiredToken, n)
		}
		lines()
		refuse("leo", outcomeRevokedToken, 0)
		wantLines(t, "beside a flood of strangers", lines(), refusalLine("leo", "10.0.0.0", outcomeRevokedToken, "abc", 1))
		for n := range maxRefusalSources {
			refuse("mallory", outcomeRevokedToken, n+1)
		}
		lines()
		refuse("ana", outcomeRevokedToken, 0)
		wantLines(t, "beside a flood of a user", lines(), refusalLine("ana", "other", outcomeRevokedToken, "abc", 1))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		r := service.audit.refusals
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.bySource) > 0 || r.sources[outcomeExpiredToken] != 0 || r.sources[outcomeRevokedToken] != 0 {
			t.Errorf("%d sources after two hours, by outcome %v, want none", len(r.bySource), r.sources)
		}
	})
}
