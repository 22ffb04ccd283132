package auth

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"pgregory.net/rapid"
)

// lockedBuffer is written by timers and read by the test.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// auditedService returns a service whose audit must be closed. The function returns the lines since
// its last call, without their common begin.
func auditedService(t *testing.T) (service *Service, lines func() []string) {
	t.Helper()
	service = newService(t)
	log := &lockedBuffer{}
	service.audit = auditTo(log)
	return service, func() []string {
		log.mu.Lock()
		defer log.mu.Unlock()
		defer log.text.Reset()
		var lines []string
		for line := range strings.Lines(log.text.String()) {
			lines = append(lines, strings.TrimSpace(strings.TrimPrefix(line, "level=INFO msg=audit ")))
		}
		return lines
	}
}

// authenticate sends a request with the headers from an address.
func authenticate(service *Service, address string, authorization ...string) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header["Authorization"] = authorization
	r = r.WithContext(WithSource(r.Context(), Source{Address: address, RequestID: "abc"}))
	service.Authenticate(whoami).ServeHTTP(httptest.NewRecorder(), r)
}

func refusalLine(user, address, outcome, requestID string, count int) string {
	return fmt.Sprintf("action=authenticate user=%s address=%s ids=[] outcome=%q request_id=%s count=%d",
		user, address, outcome, requestID, count)
}

func wantLines(t *testing.T, when string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: audit lines =\n%s\nwant\n%s", when, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func Test15_11_BadTokensAreAudited(t *testing.T) {
	t.Parallel()
	service, lines := auditedService(t)
	defer service.audit.Close()
	valid := issue(t, service.tokens).AccessToken
	foreign := validClaims()
	foreign["sub"] = "canary"
	forged := sign(t, jwt.SigningMethodHS256, foreign, nil, foreignSecret)
	expired := validClaims()
	expired["exp"] = time.Now().Add(-time.Minute).Unix()
	caller, err := service.Verify(valid)
	if err != nil {
		t.Fatal(err)
	}
	service.Logout(NewContext(t.Context(), caller))
	lines() // without that of the logout
	for i, test := range []struct {
		name          string
		authorization []string
		user, outcome string // "" for no line
	}{
		{"forged", []string{"Bearer " + forged}, "unknown", "bad token"},
		{"garbage", []string{"Bearer canary"}, "unknown", "bad token"},
		{"too long", []string{"Bearer " + strings.Repeat("canary", maxTokenBytes)}, "unknown", "bad token"},
		{"two headers", []string{"Bearer " + valid, "Bearer " + valid}, "unknown", "bad token"},
		{"expired", []string{"Bearer " + sign(t, jwt.SigningMethodHS256, expired, nil, testSecret)}, "unknown", "expired token"},
		{"revoked", []string{"Bearer " + valid}, "ana", "revoked token"},
		{"no header", nil, "", ""},
		{"scheme alone", []string{"Bearer"}, "", ""},
		{"no token", []string{"Bearer  "}, "", ""},
		{"another scheme", []string{"Basic canary"}, "", ""},
	} {
		address := fmt.Sprintf("192.0.2.%d", i)
		authenticate(service, address, test.authorization...)
		var want []string
		if test.outcome != "" {
			want = append(want, refusalLine(test.user, address, test.outcome, "abc", 1))
		}
		wantLines(t, test.name, lines(), want...)
	}
}

// A source has one line at once and one a minute with the count of the further ones.
func Test15_11_RefusalsAreLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service, lines := auditedService(t)
		flood := func(address string, count int) {
			for range count {
				authenticate(service, address, "Bearer x")
			}
		}
		flood("2001:db8::1", 100)
		flood("2001:db8::2", 1) // the same /64
		flood("192.0.2.7", 2)
		wantLines(t, "at once", lines(), refusalLine("unknown", "2001:db8::1", "bad token", "abc", 1),
			refusalLine("unknown", "192.0.2.7", "bad token", "abc", 1))
		time.Sleep(time.Minute + time.Second)
		got := lines()
		slices.Sort(got)
		wantLines(t, "after a minute", got, refusalLine("unknown", "192.0.2.7", "bad token", `""`, 1),
			refusalLine("unknown", "2001:db8::/64", "bad token", `""`, 100))
		flood("192.0.2.7", 3)
		wantLines(t, "in the second minute", lines())
		time.Sleep(time.Minute)
		wantLines(t, "after the second minute", lines(), refusalLine("unknown", "192.0.2.7", "bad token", `""`, 3))
		time.Sleep(time.Minute)
		flood("192.0.2.7", 5)
		wantLines(t, "after a silent minute", lines(), refusalLine("unknown", "192.0.2.7", "bad token", "abc", 1))
		service.audit.Close()
		wantLines(t, "after Close", lines(), refusalLine("unknown", "192.0.2.7", "bad token", `""`, 4))
		if left := len(service.audit.refusals.bySource); left != 0 {
			t.Errorf("after Close: %d sources, want none", left)
		}
		flood("192.0.2.7", 1)
		wantLines(t, "a request after Close", lines(), refusalLine("unknown", "192.0.2.7", "bad token", "abc", 1))
	})
}

// Open dashboards send expired tokens all night, so their period is an hour.
func Test15_11_ExpiredTokensHaveALineAnHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service, lines := auditedService(t)
		defer service.audit.Close()
		token := issue(t, service.tokens).AccessToken
		time.Sleep(24 * time.Hour)
		for range 2 * 60 {
			authenticate(service, "192.0.2.7", "Bearer "+token)
			time.Sleep(time.Minute)
		}
		if got := lines(); len(got) < 2 || len(got) > 3 || got[0] != refusalLine("unknown", "192.0.2.7", "expired token", "abc", 1) {
			t.Errorf("120 expired tokens in two hours left\n%s\nwant the first and one an hour", strings.Join(got, "\n"))
		}
	})
}

var counts = regexp.MustCompile(`count=(\d+)`)

// No refusal is lost and none is counted twice, however they and Close fall.
func Test15_11_EveryRefusalIsCountedOnce(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		steps := rapid.SliceOfN(rapid.IntRange(0, 6), 1, 40).Draw(r, "steps")
		synctest.Test(t, func(t *testing.T) {
			service, lines := auditedService(t)
			sent := 0
			for _, step := range steps {
				if step > 3 {
					time.Sleep(time.Duration(step) * 10 * time.Second)
					continue
				}
				sent++
				authenticate(service, fmt.Sprintf("192.0.2.%d", step), "Bearer x")
			}
			service.audit.Close()
			counted := 0
			for _, line := range lines() {
				n, _ := strconv.Atoi(counts.FindStringSubmatch(line)[1])
				counted += n
			}
			if counted != sent {
				t.Errorf("%v: %d refusals are counted, want %d", steps, counted, sent)
			}
		})
	})
}

func Test15_11_RefusalsConcurrently(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	counted := 0
	counter := newRefusals(func(_ refusalSource, further int) {
		mu.Lock()
		defer mu.Unlock()
		counted += further
	})
	var callers sync.WaitGroup
	for n := range 8 {
		callers.Go(func() {
			for range 500 {
				source := refusalSource{"authenticate", outcomeBadToken, unknownUser, strconv.Itoa(n % 3)}
				if _, first := counter.add(source); first {
					mu.Lock()
					counted++
					mu.Unlock()
				}
				if n%2 == 0 { // the others find a period that goes on
					counter.endPeriod(source)
				}
			}
		})
	}
	callers.Wait()
	counter.Close()
	if counted != 8*500 {
		t.Errorf("%d refusals are counted, want %d", counted, 8*500)
	}
}

func Test15_11_RequireScopeIsAudited(t *testing.T) {
	t.Parallel()
	service, lines := auditedService(t)
	defer service.audit.Close()
	mux := http.NewServeMux()
	for _, pattern := range []string{"PUT /clients/{id}", "PUT /clients/{id}/{$}"} {
		mux.Handle(pattern, service.RequireScope(ScopeAdmin, whoami))
	}
	for _, path := range []string{"/clients/canary", "/clients/canary/"} {
		ctx := WithSource(NewContext(t.Context(), &Caller{Username: "ana", Scopes: ana.Scopes}), Source{Address: "192.0.2.7", RequestID: "abc"})
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPut, path, nil).WithContext(ctx))
	}
	wantLines(t, "PUT without the scope", lines(),
		`action="PUT /clients/{id}" user=ana address=192.0.2.7 ids=[] outcome=forbidden request_id=abc count=1`)
}

func Test15_11_CallerOf(t *testing.T) {
	t.Parallel()
	service, lines := auditedService(t)
	defer service.audit.Close()
	ctx := WithSource(NewContext(context.Background(), &Caller{Username: "eva"}), Source{Address: "192.0.2.7", RequestID: "abc"})
	if caller, err := service.CallerOf(ctx, issue(t, service.tokens).AccessToken); err != nil || caller.Username != "ana" {
		t.Errorf("CallerOf(valid token) = %v, %v, want ana", caller, err)
	}
	for _, test := range []struct {
		raw  string
		want []string
	}{{"", nil}, {"canary", []string{refusalLine("unknown", "192.0.2.7", "bad token", "abc", 1)}}} {
		if caller, err := service.CallerOf(ctx, test.raw); caller != nil || err == nil {
			t.Errorf("CallerOf(%q) = %v, %v, want an error", test.raw, caller, err)
		}
		wantLines(t, "CallerOf of "+test.raw, lines(), test.want...)
	}
}
