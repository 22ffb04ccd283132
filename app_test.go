package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// testHash is of "a password", at the lowest cost.
const testHash = "$2a$04$h3mvgDsEbdlj4lVWL1V2au8xCAf1sz.lr7HDu5krU4CvCJFfZ7PLq"

// newUpstream serves an invented WispHub and returns its address.
func newUpstream(t *testing.T, clients int) string {
	t.Helper()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: clients})
	server := httptest.NewServer(simulator)
	t.Cleanup(server.Close)
	t.Cleanup(simulator.Close)
	return server.URL
}

func TestReadyzAfterTheFirstReading(t *testing.T) {
	t.Parallel()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: 700})
	t.Cleanup(simulator.Close)
	s, a := startApp(t, simulator, nil)
	if status, _, body := s.do(http.MethodGet, "/readyz", "", nil); status != http.StatusServiceUnavailable {
		t.Errorf("GET /readyz before the first reading = %d %s, want 503", status, body)
	}
	if n := simulator.Total(); n != 0 {
		t.Errorf("GET /readyz cost %d upstream calls, want none", n)
	}
	a.warmUp(0)
	a.tasks.Wait()
	if status, _, body := s.do(http.MethodGet, "/readyz", "", nil); status != http.StatusOK {
		t.Errorf("GET /readyz after the first reading = %d %s, want 200", status, body)
	}
	if n := simulator.Total(); n != 3 {
		t.Errorf("the first reading of 700 clients cost %d upstream calls, want 3", n)
	}
}

func TestReadyzAfterAReadingThatFailed(t *testing.T) {
	t.Parallel()
	s, a := startApp(t, http.NotFoundHandler(), nil)
	a.warmUp(0)
	a.provider.Close() // ends the pauses between the tries
	a.tasks.Wait()
	if status, _, body := s.do(http.MethodGet, "/readyz", "", nil); status != http.StatusOK {
		t.Errorf("GET /readyz after a failed reading = %d %s, want 200", status, body)
	}
}

func TestColdLookUpCostsOneCall(t *testing.T) {
	t.Parallel()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: 700})
	t.Cleanup(simulator.Close)
	s, _ := startApp(t, simulator, map[string]string{"API_PASSWORD_HASH": testHash})
	s.login("ana", "a password")
	var data struct{ Client *struct{ ServiceID int } }
	s.query("{ client(by: {serviceId: 26}) { serviceId name plan { name } zone { name } } }", &data)
	if data.Client == nil || data.Client.ServiceID != 26 {
		t.Errorf("client = %+v, want service 26", data.Client)
	}
	if n := simulator.Total(); n != 1 {
		t.Errorf("a cold look-up cost %d upstream calls, want 1: %v", n, simulator.Requests())
	}
}

func TestUsersFileIsRead(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "reader:"+testHash+":read\n", 0o600)
	s, _ := startApp(t, http.NotFoundHandler(), map[string]string{
		"API_USERS_FILE": path, "API_USERNAME": "", "API_PASSWORD_HASH": "",
	})
	s.login("reader", "a password")
	if _, body := s.query("{ viewer { username scopes } }", nil); !strings.Contains(body, `"scopes":["READ"]`) {
		t.Errorf("viewer = %s, want the scope READ alone", body)
	}
}

// TestStopWaitsForRequestsUnderWay stops a server while a request of its own is waiting for the upstream.
func TestStopWaitsForRequestsUnderWay(t *testing.T) {
	t.Parallel()
	reached, release := make(chan struct{}), make(chan struct{})
	var once bool
	upstream := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !once {
			once = true
			close(reached)
		}
		<-release
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"count":0,"next":null,"previous":null,"results":[]}`))
	})
	_, a := startApp(t, upstream, map[string]string{"API_PASSWORD_HASH": testHash})
	ctx, stop := newStop(t)
	served := make(chan error, 1)
	listener := listen(t)
	go func() { served <- a.serveOn(ctx, listener) }()
	s := &site{t: t, url: "http://" + listener.Addr().String()}
	s.login("ana", "a password")
	answered := make(chan string, 1)
	go func() {
		_, body := s.query("{ client(by: {serviceId: 26}) { name } }", nil)
		answered <- body
	}()
	<-reached
	stop()
	select {
	case err := <-served:
		t.Fatalf("serveOn = %v before the request under way had its answer", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	if body := <-answered; body != `{"data":{"client":null}}` {
		t.Errorf("the request under way got %s", body)
	}
	if err := <-served; err != nil {
		t.Errorf("serveOn = %v, want nil", err)
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestStopAnswersThoseWhoWait stops a server whose caller waits for an upstream that never answers.
func TestStopAnswersThoseWhoWait(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{}, 8)
	upstream := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reached <- struct{}{}
		<-r.Context().Done()
	})
	_, a := startApp(t, upstream, map[string]string{"API_PASSWORD_HASH": testHash, "UPSTREAM_TIMEOUT": "60s"})
	a.grace = 0
	ctx, stop := newStop(t)
	served := make(chan error, 1)
	listener := listen(t)
	go func() { served <- a.serveOn(ctx, listener) }()
	s := &site{t: t, url: "http://" + listener.Addr().String()}
	s.login("ana", "a password")
	answered := make(chan string, 1)
	go func() {
		_, body := s.query("{ clients { totalCount } }", nil)
		answered <- body
	}()
	<-reached
	stop()
	if body := <-answered; !strings.Contains(body, "Unable to fetch client data") {
		t.Errorf("the waiting caller got %s", body)
	}
	if err := <-served; err != nil {
		t.Errorf("serveOn = %v, want nil", err)
	}
	http.DefaultClient.CloseIdleConnections()
}
