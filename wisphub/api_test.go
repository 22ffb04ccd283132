package wisphub

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/wisphub/ratelimit"
)

func TestNew_RefusesConfig(t *testing.T) {
	t.Parallel()
	for _, cfg := range []Config{
		{},
		{Key: testKey},
		{Host: "api.wisphub.example", Key: testKey},
		{Host: "api.wisphub.example:443", Key: testKey},
		{Host: "/api", Key: testKey},
		{Host: "https://", Key: testKey},
		{Host: "https:///api", Key: testKey},
		{Host: "https://user:canary@[wisphub", Key: testKey},
		{Host: "https://wisphub.example"},
	} {
		api, err := New(cfg)
		if err == nil || api != nil {
			t.Fatalf("New with host %q = %v, want an error", cfg.Host, api)
		}
		if strings.Contains(err.Error(), "canary") {
			t.Errorf("New with host %q = %q, want an error without the secret", cfg.Host, err)
		}
	}
}

func TestNew_Defaults(t *testing.T) {
	t.Parallel()
	api := open(t, Config{Host: "https://wisphub.example"})
	if want := (ratelimit.Usage{MinuteLimit: 100, HourLimit: 1000}); api.Usage() != want || api.timeout != 10*time.Second || !api.Healthy() {
		t.Errorf("New() has usage %+v, timeout %v, healthy %t, want %+v, 10s, true", api.Usage(), api.timeout, api.Healthy(), want)
	}
	api = open(t, Config{Host: "https://wisphub.example", Timeout: time.Second, MinuteLimit: 5, HourLimit: 50})
	if want := (ratelimit.Usage{MinuteLimit: 5, HourLimit: 50}); api.Usage() != want || api.timeout != time.Second {
		t.Errorf("New() has usage %+v, timeout %v, want %+v, 1s", api.Usage(), api.timeout, want)
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"https://wisphub.example":               "https://wisphub.example/api/clientes/26/",
		"https://wisphub.example/":              "https://wisphub.example/api/clientes/26/",
		"https://wisphub.example/api":           "https://wisphub.example/api/clientes/26/",
		"https://wisphub.example/api/":          "https://wisphub.example/api/clientes/26/",
		"https://proxy.example/isp/":            "https://proxy.example/isp/api/clientes/26/",
		"https://proxy.example/myapi":           "https://proxy.example/myapi/api/clientes/26/",
		"https://proxy.example/a%2Fb":           "https://proxy.example/a%2Fb/api/clientes/26/",
		"http://127.0.0.1:9000":                 "http://127.0.0.1:9000/api/clientes/26/",
		"https://wisphub.example?limit=1#there": "https://wisphub.example/api/clientes/26/#there",
	} {
		api := open(t, Config{Host: host})
		if got := api.newCall("GET", nil, "clientes/{id}", "26").address; got != want {
			t.Errorf("address with host %q = %q, want %q", host, got, want)
		}
	}
	api := open(t, Config{Host: "https://wisphub.example"})
	want := "https://wisphub.example/api/tasks/a%2Fb%3Fc%20d/?limit=1&nombre=Ana+%26+Luis"
	query := map[string][]string{"nombre": {"Ana & Luis"}, "limit": {"1"}}
	if got := api.newCall("GET", query, "tasks/{id}", "a/b?c d").address; got != want {
		t.Errorf("address = %q, want %q", got, want)
	}
}

// Many calls share eight connections.
func TestAPI_ConnectionLimit(t *testing.T) {
	t.Parallel()
	const calls = 5 * ratelimit.MaxConnections
	var arrived, underWay, opened atomic.Int64
	full := make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer underWay.Add(-1)
		if underWay.Add(1) > ratelimit.MaxConnections {
			t.Errorf("more than %d calls arrived at once", ratelimit.MaxConnections)
		}
		if arrived.Add(1) == ratelimit.MaxConnections {
			close(full)
		}
		<-full
		answer(t, "limit=300", `[]`)(w, r)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	api := open(t, Config{Host: server.URL})

	var group sync.WaitGroup
	for range calls {
		group.Go(func() {
			if _, err := api.Zones.List(t.Context()); err != nil {
				t.Errorf("Zones.List = %v, want no error", err)
			}
		})
	}
	group.Wait()
	if opened.Load() != ratelimit.MaxConnections {
		t.Errorf("%d connections opened for %d calls, want %d", opened.Load(), calls, ratelimit.MaxConnections)
	}
}
