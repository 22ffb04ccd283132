package isp

import (
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"wisphub-graphql/auth/leaktest"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

// leaks fails the tests when one of them logs WispHub's key.
var leaks = leaktest.New(wisphubtest.Key)

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", propertyChecks); err != nil { // the command line comes later
		panic(err)
	}
	goleak.VerifyTestMain(leaks.Wrap(m))
}

// bogota needs no zone database.
var bogota = time.FixedZone("America/Bogota", -5*60*60)

var colombia = locale{zone: bogota, countryCode: "57"}

func testConfig(logger *slog.Logger) Config {
	return Config{
		ClientsTTL:       5 * time.Minute,
		ClientTTL:        2 * time.Minute,
		PlansTTL:         15 * time.Minute,
		PlanTTL:          time.Hour,
		StaleLimit:       24 * time.Hour,
		TimeZone:         bogota,
		PhoneCountryCode: "+57",
		Logger:           logger,

		TicketsTTL:              time.Minute,
		TicketsHorizon:          183 * 24 * time.Hour,
		ActiveTicketStates:      []int{1, 2},
		MaxActiveTicketsPerZone: 3,
	}
}

// simulate returns a simulated WispHub and its address.
func simulate(tb testing.TB, clients int) (*wisphubtest.Server, string) {
	tb.Helper()
	upstream := wisphubtest.New(wisphubtest.Config{Clients: clients, Seed: 1})
	tb.Cleanup(upstream.Close)
	return upstream, serve(tb, upstream)
}

// serve serves handler on the loopback. Each response closes its connection, because an idle
// connection would stop the clock of a synctest bubble.
func serve(tb testing.TB, handler http.Handler) string {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		handler.ServeHTTP(w, r)
	}))
	tb.Cleanup(server.Close)
	return server.URL
}

// connect returns a provider for the WispHub at address, and its log. Inside a bubble the
// provider's time is virtual; the server must be started outside of it.
func connect(tb testing.TB, address string) (*Provider, *logRecorder) {
	tb.Helper()
	return connectWith(tb, address, func(*Config) {})
}

// connectWith is connect with another configuration.
func connectWith(tb testing.TB, address string, change func(*Config)) (*Provider, *logRecorder) {
	tb.Helper()
	log := &logRecorder{}
	logger := slog.New(slog.NewJSONHandler(log, nil))
	api, err := wisphub.New(wisphub.Config{Host: address, Key: wisphubtest.Key, Logger: logger})
	if err != nil {
		tb.Fatal(err)
	}
	cfg := testConfig(logger)
	change(&cfg)
	provider := New(api, cfg)
	tb.Cleanup(func() {
		provider.Close()
		api.Close()
	})
	return provider, log
}

// open is simulate and connect, for tests in real time.
func open(tb testing.TB, clients int) (*wisphubtest.Server, *Provider) {
	tb.Helper()
	upstream, address := simulate(tb, clients)
	provider, _ := connect(tb, address)
	return upstream, provider
}

// warm loads the directory, and resets the request count.
func warm(tb testing.TB, upstream *wisphubtest.Server, provider *Provider) {
	tb.Helper()
	if err := provider.Clients.Warm(tb.Context()); err != nil {
		tb.Fatalf("Warm() = %v", err)
	}
	upstream.Reset()
}

// refresh loads the directory again.
func refresh(tb testing.TB, provider *Provider) error {
	tb.Helper()
	_, err := provider.Clients.directory.Refresh(tb.Context(), struct{}{})
	return err
}

func wantCalls(tb testing.TB, upstream *wisphubtest.Server, want int) {
	tb.Helper()
	if got := upstream.Total(); got != want {
		tb.Errorf("upstream calls = %d, want %d: %v", got, want, upstream.Requests())
	}
}

// respondJSON responds to every call with the same JSON.
func respondJSON(body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	})
}

// decodeRows returns client rows that went through JSON.
func decodeRows(tb testing.TB, rows ...map[string]any) []wisphub.Client {
	tb.Helper()
	text, err := json.Marshal(rows)
	if err != nil {
		tb.Fatal(err)
	}
	var decoded []wisphub.Client
	if err := json.Unmarshal(text, &decoded); err != nil {
		tb.Fatal(err)
	}
	return decoded
}

// directoryOf returns a directory of the rows.
func directoryOf(tb testing.TB, rows ...map[string]any) *directory {
	tb.Helper()
	return newDirectory(decodeRows(tb, rows...), colombia, time.Now(), 1)
}

// logRecorder collects log lines. It is safe for concurrent use.
type logRecorder struct {
	mu    sync.Mutex
	lines []string
}

func (l *logRecorder) Write(line []byte) (int, error) {
	leaks.Check(string(line))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, strings.TrimSpace(string(line)))
	return len(line), nil
}

// matching returns the lines that contain every part.
func (l *logRecorder) matching(parts ...string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for _, line := range l.lines {
		if containsAll(line, parts) {
			found = append(found, line)
		}
	}
	return found
}

func containsAll(text string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

func TestProvider_Status(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	if status := provider.Status(); !status.UpstreamHealthy || status.RequestsLastHour != 0 || len(status.Caches) != 15 {
		t.Errorf("Status() = %+v before the first call, want healthy, no requests, 15 caches", status)
	}
	wantCalls(t, upstream, 0)
	warm(t, upstream, provider)
	status := provider.Status()
	if status.RequestsLastMinute != 1 || status.RequestsLastHour != 1 || status.MinuteLimit != 100 || status.HourLimit != 1000 {
		t.Errorf("Status() = %+v, want one request of 100 a minute and 1000 an hour", status)
	}
	clients := status.Caches[0]
	if clients.Name != "clients" || clients.Entries != 1 || clients.Misses != 1 || clients.AsOf.IsZero() || clients.Stale {
		t.Errorf("Status().Caches[0] = %+v, want one fresh directory", clients)
	}
	if plans := status.Caches[2]; !plans.AsOf.IsZero() || plans.Entries != 0 {
		t.Errorf("Status().Caches[2] = %+v, want an empty cache", plans)
	}
}

// A stale directory is served while a refresh runs, and when the refresh fails.
func TestProvider_ServesStaleDirectory(t *testing.T) {
	t.Parallel()
	upstream, address := simulate(t, 30)
	synctest.Test(t, func(t *testing.T) {
		provider, log := connect(t, address)
		warm(t, upstream, provider)
		list := func() *ClientConnection {
			page, err := provider.Clients.List(t.Context(), ClientQuery{})
			if err != nil {
				t.Fatalf("List() = %v", err)
			}
			synctest.Wait() // for the background refresh
			return page
		}
		first := list()
		upstream.Forbid("/api/clientes/")
		time.Sleep(5 * time.Minute)
		if page := list(); !page.AsOf.Equal(first.AsOf) || page.TotalCount != 30 {
			t.Errorf("List() = %d clients as of %v after a failed refresh, want 30 as of %v", page.TotalCount, page.AsOf, first.AsOf)
		}
		if !provider.Status().Caches[0].Stale {
			t.Error("Status().Caches[0].Stale = false, want true")
		}
		if lines := log.matching("refresh failed", "clients", "permission missing"); len(lines) != 1 {
			t.Errorf("log lines about the failed refresh = %d, want 1: %q", len(lines), log.matching())
		}
		upstream.Allow("/api/clientes/")
		upstream.DeleteRow(upstream.IDs()[0])
		time.Sleep(time.Minute) // pause after a failed refresh
		list()
		if page := list(); !page.AsOf.After(first.AsOf) || page.TotalCount != 29 || page.Version <= first.Version {
			t.Errorf("List() = %d clients as of %v, version %d, want the new list", page.TotalCount, page.AsOf, page.Version)
		}
	})
}

// Close ends a running load: its callers get an error. TestMain checks that no goroutine is left.
func TestProvider_CloseEndsLoads(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	upstream.SetFaults(wisphubtest.Faults{HangPath: "/api/clientes/"})
	result := make(chan error)
	go func() { result <- provider.Clients.Warm(t.Context()) }()
	for upstream.Total() == 0 {
		time.Sleep(time.Millisecond)
	}
	provider.Close()
	if err := <-result; err == nil {
		t.Error("Warm() = nil after Close, want an error")
	}
	wantErrorIs(t, "Warm()", provider.Clients.Warm(t.Context()), ErrUpstreamUnavailable)
}
