package wisphubtest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestFaults_Responses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		faults      Faults
		status      int
		contentType string
		body        string
	}{
		"down":     {Faults{Down: true}, 503, htmlPrefix, "503 Service Unavailable"},
		"too many": {Faults{TooManyRate: 1}, 429, jsonPrefix, `{"detail":`},
		"html":     {Faults{HTMLRate: 1}, 200, htmlPrefix, "<!DOCTYPE html>"},
		"total":    {Faults{WrongTotal: 1}, 200, jsonPrefix, `{"count":2,`},
		"none":     {Faults{}, 200, jsonPrefix, `{"count":1,`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := New(Config{Clients: 1, Now: today, Faults: test.faults})
			wantResponse(t, do(s, "GET", "/api/clientes/"), test.status, test.contentType, test.body)
		})
	}
}

func TestFaults_RetryAfter(t *testing.T) {
	t.Parallel()
	s := newServer(1, nil)
	for after, want := range map[time.Duration]string{0: "", time.Millisecond: "1", 30 * time.Second: "30"} {
		s.SetFaults(Faults{TooManyRate: 1, RetryAfter: after})
		if got := do(s, "GET", "/api/zonas/").Header().Get("Retry-After"); got != want {
			t.Errorf("Retry-After header for %v = %q, want %q", after, got, want)
		}
	}
}

// countStatuses counts the statuses of 100 calls.
func countStatuses(seed uint64, f Faults) map[int]int {
	s := New(Config{Clients: 1, Seed: seed, Now: today, Faults: f})
	seen := make(map[int]int)
	for range 100 {
		seen[do(s, "GET", "/api/zonas/").Code]++
	}
	return seen
}

func TestFaults_ErrorRate(t *testing.T) {
	t.Parallel()
	seen := countStatuses(1, Faults{ErrorRate: 0.5})
	for _, status := range []int{500, 502, 503, 504} {
		if seen[status] == 0 {
			t.Errorf("statuses of 100 calls = %v, want some %d", seen, status)
		}
	}
	if seen[200] < 30 || seen[200] > 70 {
		t.Errorf("%d of 100 calls succeeded at a rate of 0.5, want about half", seen[200])
	}
	again := countStatuses(1, Faults{ErrorRate: 0.5})
	if again[200] != seen[200] || again[500] != seen[500] {
		t.Errorf("statuses with the same seed = %v, then %v, want equal", seen, again)
	}
}

func TestFaults_TruncateRate(t *testing.T) {
	t.Parallel()
	s := newServer(20, nil)
	s.SetFaults(Faults{TruncateRate: 1})
	server := httptest.NewServer(s)
	defer server.Close()
	r, err := http.NewRequest("GET", server.URL+"/api/clientes/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Api-Key "+Key)
	resp, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(body) == 0 {
		t.Errorf("reading a truncated body = %d bytes, %v, want some and %v", len(body), err, io.ErrUnexpectedEOF)
	}
}

// callDuration returns how long a call took. The caller gives up after a minute.
func callDuration(t *testing.T, s *Server, target string) time.Duration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	began := time.Now()
	serve(s, httptest.NewRequest("GET", target, nil).WithContext(ctx))
	return time.Since(began)
}

func TestFaults_Latency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(1, nil)
		s.SetFaults(Faults{Latency: 300 * time.Millisecond})
		if got := callDuration(t, s, "/api/zonas/"); got != 300*time.Millisecond {
			t.Errorf("call took %v, want 300ms", got)
		}
		s.SetFaults(Faults{Latency: 300 * time.Millisecond, Jitter: 300 * time.Millisecond})
		different := make(map[time.Duration]bool)
		for range 20 {
			got := callDuration(t, s, "/api/zonas/")
			different[got] = true
			if got < 300*time.Millisecond || got > 600*time.Millisecond {
				t.Errorf("call took %v, want 300 to 600ms", got)
			}
		}
		if len(different) < 2 {
			t.Error("20 calls took equally long, want jitter")
		}
	})
}

func TestFaults_HangPath(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/api/clientes/{id}/saldo/", "/api/clientes/26/saldo/"} {
		synctest.Test(t, func(t *testing.T) {
			s := newServer(1, nil)
			s.SetFaults(Faults{HangPath: path})
			if got := callDuration(t, s, "/api/clientes/26/saldo/"); got != time.Minute {
				t.Errorf("HangPath %s: call took %v, want a minute, when the caller gives up", path, got)
			}
			if got := callDuration(t, s, "/api/clientes/26/"); got != 0 {
				t.Errorf("HangPath %s: call to another path took %v, want 0", path, got)
			}
			if log := s.Log(); log[0].Status != 0 || log[1].Status != 200 {
				t.Errorf("statuses in the log = %d, %d, want 0, 200", log[0].Status, log[1].Status)
			}
		})
	}
}

func TestFaults_HangRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(1, nil)
		s.SetFaults(Faults{HangRate: DemoFaults().HangRate})
		hung := 0
		for range 400 {
			if callDuration(t, s, "/api/zonas/") == time.Minute {
				hung++
			}
		}
		if hung < 30 || hung > 70 {
			t.Errorf("%d of 400 calls hung, want about one in eight", hung)
		}
	})
}

func TestServer_CloseEndsHangingCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer(1, nil)
		s.SetFaults(Faults{HangRate: 1})
		time.AfterFunc(time.Second, s.Close)
		if got := callDuration(t, s, "/api/zonas/"); got != time.Second {
			t.Errorf("call took %v, want 1s, until Close", got)
		}
		s.Close()
		if w := do(s, "GET", "/api/zonas/"); w.Code != 503 {
			t.Errorf("status of a hanging call after Close = %d, want 503", w.Code)
		}
	})
}

func TestFaults_ChangeBetweenPages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		faults        Faults
		counts        [4]int // of page 1, page 2, and both again
		secondHasLast bool   // page 2 repeats a row of page 1
		skipped       bool   // page 2 omits a row
	}{
		"appear":      {Faults{AppearBetweenPages: true}, [4]int{20, 21, 21, 22}, true, false},
		"appear once": {Faults{AppearBetweenPages: true, ChangeOnce: true}, [4]int{20, 21, 21, 21}, true, false},
		"vanish":      {Faults{VanishBetweenPages: true}, [4]int{20, 19, 19, 18}, false, true},
		"vanish once": {Faults{VanishBetweenPages: true, ChangeOnce: true}, [4]int{20, 19, 19, 19}, false, true},
		"both":        {Faults{AppearBetweenPages: true, VanishBetweenPages: true}, [4]int{20, 20, 20, 20}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(20, nil)
			ids := s.IDs()
			s.SetFaults(test.faults)
			for i, want := range test.counts {
				p := list(t, s, "/api/clientes/?limit=10&offset="+[]string{"0", "10"}[i%2])
				if p.Count != want {
					t.Errorf("page %d: count %d, want %d", i, p.Count, want)
				}
				if i != 1 {
					continue
				}
				first := int(p.Results[0]["id_servicio"].(float64))
				if test.secondHasLast != (first == ids[9]) || test.skipped != (first == ids[11]) {
					t.Errorf("page 2 begins with %d of %v, want repeated %t, skipped %t", first, ids, test.secondHasLast, test.skipped)
				}
			}
			if got := list(t, s, "/api/clientes/?limit=10&offset=10").Count; got != test.counts[3] {
				t.Errorf("one more page of the same listing: count %d, want %d", got, test.counts[3])
			}
			if appeared := s.Row(1) != nil; appeared != test.faults.AppearBetweenPages {
				t.Errorf("client 1 exists: %t, want %t", appeared, test.faults.AppearBetweenPages)
			}
			if appeared := s.Row(2) != nil; appeared != (test.counts[3] == 22) {
				t.Errorf("client 2 exists: %t, want it only after a second listing", appeared)
			}
		})
	}
}

func TestDemoFaults(t *testing.T) {
	t.Parallel()
	f := DemoFaults()
	slow := f.Latency == 300*time.Millisecond && f.Jitter == 300*time.Millisecond
	if !slow || f.HangRate != 0.125 || f.ErrorRate <= 0 {
		t.Errorf("DemoFaults() = %+v, want 0.3 to 0.6 s, one hang in eight and errors", f)
	}
}
