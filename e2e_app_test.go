package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub/wisphubtest"
)

func TestReadyz_AfterTheInitialLoad(t *testing.T) {
	t.Parallel()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: 700})
	t.Cleanup(simulator.Close)
	s, a := startApp(t, simulator, nil)
	if status, _, body := s.do(http.MethodGet, "/readyz", "", nil); status != http.StatusServiceUnavailable {
		t.Errorf("GET /readyz before the initial load = %d %s, want 503", status, body)
	}
	if n := simulator.Total(); n != 0 {
		t.Errorf("GET /readyz cost %d upstream calls, want none", n)
	}
	a.warmUp(0)
	a.tasks.Wait()
	if status, _, body := s.do(http.MethodGet, "/readyz", "", nil); status != http.StatusOK {
		t.Errorf("GET /readyz after the initial load = %d %s, want 200", status, body)
	}
	if n := simulator.Total(); n != 3 {
		t.Errorf("the initial load of 700 clients cost %d upstream calls, want 3", n)
	}
}

func TestReadyz_AfterAFailedLoad(t *testing.T) {
	t.Parallel()
	s, a := startApp(t, http.NotFoundHandler(), nil)
	a.warmUp(0)
	a.provider.Close() // ends the pauses between retries
	a.tasks.Wait()
	if status, _, body := s.do(http.MethodGet, "/readyz", "", nil); status != http.StatusOK {
		t.Errorf("GET /readyz after a failed load = %d %s, want 200", status, body)
	}
}

// The first look-up costs a call, and starts the list that answers the next ones.
func TestApp_FirstLookupStartsTheList(t *testing.T) {
	t.Parallel()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: 700})
	t.Cleanup(simulator.Close)
	s, a := startApp(t, simulator, map[string]string{"API_PASSWORD_HASH": testHash})
	s.login("ana", "a password")
	for _, id := range simulator.IDs()[:2] {
		var data struct{ Client *struct{ ServiceID int } }
		s.query(fmt.Sprintf("{ client(by: {serviceId: %d}) { serviceId name plan { name } zone { name } } }", id), &data)
		if data.Client == nil || data.Client.ServiceID != id {
			t.Errorf("client = %+v, want service %d", data.Client, id)
		}
		poll(t, "the list is in memory", func() bool { return a.provider.Clients.InMemory(isp.ClientQuery{}) != nil })
	}
	if n := simulator.Total(); n != 4 {
		t.Errorf("two lookups cost %d upstream calls, want one and the 3 of the list: %v", n, simulator.Requests())
	}
}

func TestApp_ReadsTheUsersFile(t *testing.T) {
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

// TestStop_WaitsForRequests stops a server while a request waits for WispHub.
func TestStop_WaitsForRequests(t *testing.T) {
	t.Parallel()
	reached, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	upstream := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		once.Do(func() { close(reached) }) // the list may be read beside the look-up
		<-release
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"count":0,"next":null,"previous":null,"results":[]}`))
	})
	_, a := startApp(t, upstream, map[string]string{"API_PASSWORD_HASH": testHash})
	s, stop, served := startServing(t, a)
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
		t.Fatalf("serveOn = %v before the running request was answered, want it later", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	if body := <-answered; body != `{"data":{"client":null}}` {
		t.Errorf("the running request got %s, want its answer", body)
	}
	if err := <-served; err != nil {
		t.Errorf("serveOn = %v, want nil", err)
	}
}

// TestStop_AnswersWaitingRequests stops a server while a request waits for a WispHub that never
// answers.
func TestStop_AnswersWaitingRequests(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{}, 8)
	upstream := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reached <- struct{}{}
		<-r.Context().Done()
	})
	_, a := startApp(t, upstream, map[string]string{"API_PASSWORD_HASH": testHash, "UPSTREAM_TIMEOUT": "60s"})
	a.grace = 0
	s, stop, served := startServing(t, a)
	s.login("ana", "a password")
	answered := make(chan string, 1)
	go func() {
		_, body := s.query("{ clients { totalCount } }", nil)
		answered <- body
	}()
	<-reached
	stop()
	if body := <-answered; !strings.Contains(body, "Unable to fetch client data") {
		t.Errorf("the waiting request got %s, want an error of the client data", body)
	}
	if err := <-served; err != nil {
		t.Errorf("serveOn = %v, want nil", err)
	}
}
