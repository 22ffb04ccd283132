package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

func TestUpstream_Outage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{simulator: wisphubtest.New(wisphubtest.Config{Clients: 1})}
		go u.outage(t.Context(), time.Minute, 2*time.Minute)
		for minute, want := range []int{200, 503, 503, 200} {
			time.Sleep(time.Second)
			synctest.Wait()
			if got := status(u, "/api/clientes/"); got != want {
				t.Errorf("status = %d in minute %d, want %d", got, minute, want)
			}
			time.Sleep(59 * time.Second)
		}
	})
}

// Refused calls count, as they do at WispHub.
func TestUpstream_Calls(t *testing.T) {
	t.Parallel()
	u := &upstream{simulator: wisphubtest.New(wisphubtest.Config{Clients: 1})}
	for _, path := range []string{"/api/clientes/", "/api/clientes/1/saldo/", "/api/zonas/", "/nowhere"} {
		status(u, path)
	}
	if all, directory := u.calls(); len(all) != 4 || len(directory) != 1 {
		t.Errorf("calls() = %d calls, %d for the directory, want 4 and 1", len(all), len(directory))
	}
}

func status(handler http.Handler, path string) int {
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.Header.Set("Authorization", "Api-Key "+wisphubtest.Key)
	response := httptest.NewRecorder()
	handler.ServeHTTP(response, request)
	return response.Code
}
