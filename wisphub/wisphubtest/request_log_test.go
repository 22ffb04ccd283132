package wisphubtest

import (
	"fmt"
	"maps"
	"testing"
)

func TestRequests(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	for _, target := range []string{
		"/api/clientes/?limit=1", "/api/clientes/?cedula=1", "/api/clientes/26/", "/api/clientes/27/", "/api/clientes/26/perfil/",
		"/api/plan-internet/pppoe/3/", "/api/plan-internet/queue/8/", "/api/clientes", "/api/", "/api/pagos/", "/etc/passwd",
	} {
		do(s, "GET", target)
	}
	do(s, "POST", "/api/zonas/")
	want := map[string]int{
		"GET /api/clientes/": 2, "GET /api/clientes/{id}/": 2, "GET /api/clientes/{id}/perfil/": 1,
		"GET /api/plan-internet/pppoe/{id}/": 1, "GET /api/plan-internet/queue/{id}/": 1,
		"GET /api/clientes": 1, "GET /api/": 1, "GET (unknown)": 2, "POST /api/zonas/": 1,
	}
	if got := s.Requests(); !maps.Equal(got, want) {
		t.Errorf("Requests() = %v, want %v", got, want)
	}
	if got := s.Total(); got != 12 {
		t.Errorf("Total() = %d, want 12", got)
	}
	log := s.Log()
	first := Request{Method: "GET", Path: "/api/clientes/", Query: "limit=1", Status: 200, Time: log[0].Time}
	if log[0] != first || first.Time.IsZero() {
		t.Errorf("Log()[0] = %+v, want %+v and a time", log[0], first)
	}
	if got := []int{log[3].Status, log[7].Status, log[8].Status, log[11].Status}; fmt.Sprint(got) != "[404 301 403 405]" {
		t.Errorf("statuses in the log = %v, want [404 301 403 405]", got)
	}

	s.Reset()
	if len(s.Requests()) != 0 || s.Total() != 0 || len(s.Log()) != 0 {
		t.Errorf("after Reset: Requests() = %v, Total() = %d, Log() = %v, want them empty", s.Requests(), s.Total(), s.Log())
	}
	do(s, "GET", "/api/zonas/")
	if log := s.Log(); len(log) != 1 || log[0].Path != "/api/zonas/" {
		t.Errorf("Log() after Reset = %v, want one request", log)
	}
}

func TestLog_IsBounded(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	const total = requestLogSize + 5
	for n := range total {
		do(s, "GET", fmt.Sprintf("/api/?n=%d", n))
	}
	log := s.Log()
	if len(log) != requestLogSize || s.Total() != total {
		t.Fatalf("Log() has %d of %d requests, want %d", len(log), s.Total(), requestLogSize)
	}
	if first, last := log[0].Query, log[requestLogSize-1].Query; first != "n=5" || last != "n=10004" {
		t.Errorf("Log() runs from %q to %q, want n=5 to n=10004", first, last)
	}
	if log[0].Status != 403 || log[requestLogSize-1].Status != 403 {
		t.Errorf("statuses in a full log = %d, %d, want 403", log[0].Status, log[requestLogSize-1].Status)
	}
}

func TestSplitPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string][2]string{
		"/api/clientes/":                                   {"/api/clientes/", ""},
		"/api/clientes/26/":                                {"/api/clientes/{id}/", "26"},
		"/api/clientes/26":                                 {"/api/clientes/{id}", "26"},
		"/api/clientes/26/saldo/":                          {"/api/clientes/{id}/saldo/", "26"},
		"/api/clientes/26a/":                               {"/api/clientes/26a/", ""},
		"/api/clientes/agregar-cliente/12/":                {"/api/clientes/agregar-cliente/{id}/", "12"},
		"/api/tasks/0190c2f4-7a1b-4c3d-8e9f-0123456789ab/": {"/api/tasks/{id}/", "0190c2f4-7a1b-4c3d-8e9f-0123456789ab"},
	} {
		if pattern, id := splitPath(path); pattern != want[0] || id != want[1] {
			t.Errorf("splitPath(%q) = %q, %q, want %q", path, pattern, id, want)
		}
	}
}
