package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// serverOf returns a server with a handler of the test.
func serverOf(t *testing.T, handler http.HandlerFunc) *server {
	t.Helper()
	http := httptest.NewServer(handler)
	t.Cleanup(http.Close)
	return &server{name: "test", host: strings.TrimPrefix(http.URL, "http://"), expected: map[int][]byte{}}
}

// Test16_8_LaterWrongAnswer expects the one wrong answer among many right ones to be found, whose
// length is right.
func Test16_8_LaterWrongAnswer(t *testing.T) {
	t.Parallel()
	const right = `{"data":{"client":{"serviceId":7,"name":"Ana","status":"ACTIVE"}}}`
	for name, wrong := range map[string]string{
		"another name": strings.Replace(right, "Ana", "Eva", 1), "another client": strings.Replace(right, "7", "8", 1), "extra": right + " ",
	} {
		asked := 0
		s := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			if asked++; asked == 30 {
				_, _ = io.WriteString(w, wrong)
				return
			}
			_, _ = io.WriteString(w, right)
		})
		s.serviceID, s.expected[1] = 7, []byte(right)
		callers, err := newCrowd(s, works[0], true, 1)
		if err != nil {
			t.Fatal(err)
		}
		err = callers.closed(t.Context(), 10*time.Second)
		callers.close()
		if !errors.Is(err, errWrong) {
			t.Errorf("%s: closed = %v, want %v", name, err, errWrong)
		}
		if latencies, _ := callers.take(); len(latencies) != 30 {
			t.Errorf("%s: found after %d answers, want 30", name, len(latencies))
		}
	}
}

// Test16_8_FreshBodies expects each fresh request to differ, and repeated ones to be equal.
func Test16_8_FreshBodies(t *testing.T) {
	t.Parallel()
	for _, fresh := range []bool{true, false} {
		bodies := map[string]int{}
		s := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			bodies[string(body)]++
			_, _ = io.WriteString(w, "{}")
		})
		s.expected[2] = []byte("{}")
		callers, err := newCrowd(s, works[1], fresh, 1)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if err := callers.greet(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		callers.close()
		if want := map[bool]int{true: 20, false: 1}[fresh]; len(bodies) != want {
			t.Errorf("fresh %t: %d bodies, want %d", fresh, len(bodies), want)
		}
		for body := range bodies {
			if !strings.HasSuffix(body, `}"`+`,"variables":{"n":`+body[len(body)-12:]) || len(body) != len(works[1].body(0, firstNumber)) {
				t.Errorf("fresh %t: body %s", fresh, body)
			}
		}
	}
}

// Test16_8_Refusals expects a run with refusals to fail, because a refusal is cheaper than an answer.
func Test16_8_Refusals(t *testing.T) {
	t.Parallel()
	s := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		http.Error(w, "busy", http.StatusServiceUnavailable)
	})
	callers, err := newCrowd(s, works[0], true, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer callers.close()
	if err := callers.greet(t.Context()); err != nil {
		t.Fatal(err)
	}
	latencies, refused := callers.take()
	if len(latencies) != 0 || refused != 3 {
		t.Errorf("%d answered, %d refused, want 0 and 3", len(latencies), refused)
	}
	for _, r := range []results{
		{closed: measurements{{refused: 3}}}, {open: []openMeasurement{{refused: 3}}}, {memory: []memoryMeasurement{{refused: 3}}},
	} {
		if err := r.refusals(); err == nil || !strings.Contains(err.Error(), "3 requests") {
			t.Errorf("refusals = %v, want 3", err)
		}
	}
}
