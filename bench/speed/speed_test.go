package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/bench/launch/launchtest"
)

// built is the path of the facade, built once for all tests.
var built string

func TestMain(m *testing.M) {
	if slices.Contains(os.Args, childFlag) { // one of the servers
		main()
		return
	}
	launchtest.Main(m, &built)
}

// Test16_8_Runs expects a short run to measure and print everything. What the figures are says
// nothing on a busy machine.
func Test16_8_Runs(t *testing.T) {
	t.Parallel()
	var report bytes.Buffer
	err := run(t.Context(), []string{
		"-binary", built, "-clients", "200", "-connections", "2", "-for", "40ms", "-users", "5", "-rate", "200", "-markdown",
	}, &report, io.Discard)
	if err != nil {
		t.Fatalf("speed = %v\n%s", err, report.String())
	}
	for _, want := range []string{
		"Machine: ", "200 clients, 2 connections, closed loop", "| bare net/http, ready bytes | ", "| gqlgen as generated | ",
		"| repeated | ", "| never repeated | ", "| never repeated, sharing off | ", "| repeated, × bare | ≤ 1.5: ",
		"| never repeated, sharing off, × gqlgen | ≤ 0.9: ", "Open loop, 5 users, 200 requests/s",
		"| 200 | nothing | one client | ", "| 200 | a refresh of all clients | 50 rows, plan, zone | ",
		"| 200 | 50 writes in a burst | 100 tickets, client, plan | ",
	} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("the report has no %q:\n%s", want, report.String())
		}
	}
}

// Test16_8_RunsMemory expects the refreshes to be counted.
func Test16_8_RunsMemory(t *testing.T) {
	t.Parallel()
	var report bytes.Buffer
	err := run(t.Context(), []string{
		"-memory", "-binary", built, "-clients", "200", "-for", "20ms", "-users", "5", "-rate", "200", "-refreshes", "1",
	}, &report, io.Discard)
	if err != nil || !strings.Contains(report.String(), "growth") {
		t.Fatalf("speed = %v\n%s", err, report.String())
	}
	_, row, _ := strings.Cut(report.String(), "\n200 ")
	if fields := strings.Fields(row); len(fields) < 3 || fields[2] != "1" {
		t.Errorf("the row is %q, want one refresh", row)
	}
}

func Test16_8_InvalidFlags(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{
		"-works=6", "-lanes=none", "-loop=half", "-connections=0", "-clients=60001", "-for=0s", "-users=0", "-rate=0", "-refreshes=0",
		"-set=name", "-no-such", "word",
	} {
		if err := run(t.Context(), []string{flag}, io.Discard, io.Discard); err == nil {
			t.Errorf("speed %s = nil, want an error", flag)
		}
	}
}

// Test16_8_WrongAnswers expects every way in which an answer can be wrong to be found.
func Test16_8_WrongAnswers(t *testing.T) {
	t.Parallel()
	one := works[0]
	const right = `{"data":{"client":{"serviceId":7,"name":"Ana","status":"ACTIVE"}}}`
	for name, test := range map[string]struct {
		answer string
		wrong  bool
	}{
		"right":            {right, false},
		"no JSON":          {`{"data"`, true},
		"an error":         {`{"errors":[{"message":"no"}],"data":{"client":{"serviceId":7,"name":"Ana","status":"ACTIVE"}}}`, true},
		"another client":   {strings.Replace(right, "7", "8", 1), true},
		"no name":          {strings.Replace(right, `"Ana"`, "null", 1), true},
		"no client":        {`{"data":{"client":null}}`, true},
		"no data":          {`{}`, true},
		"another root":     {strings.Replace(right, "client", "clients", 1), true},
		"a row as the one": {`{"data":{"client":[]}}`, true},
	} {
		if _, err := one.check([]byte(test.answer), 7); errors.Is(err, errWrong) != test.wrong {
			t.Errorf("%s: check = %v, want wrong %t", name, err, test.wrong)
		}
	}
	list := work{name: "list", root: "clients", rows: 2, required: []string{"plan.price"}}
	for answer, wrong := range map[string]bool{
		`{"data":{"clients":{"totalCount":9,"nodes":[{"a":1,"plan":{"price":"2"}},{"a":2,"plan":null}]}}}`: false,
		`{"data":{"clients":{"totalCount":1,"nodes":[{"a":1,"plan":{"price":"2"}}]}}}`:                     false,
		`{"data":{"clients":{"totalCount":9,"nodes":[{"a":1,"plan":{"price":"2"}}]}}}`:                     true, // too short
		`{"data":{"clients":{"totalCount":0,"nodes":[]}}}`:                                                 true,
		`{"data":{"clients":{"totalCount":2,"nodes":[{"a":1},{"a":2}]}}}`:                                  true, // no price
		`{"data":{"clients":{"totalCount":2,"nodes":[{"plan":{"price":"2"}},{"plan":{"price":"2"}}]}}}`:    true, // twice
	} {
		if _, err := list.check([]byte(answer), 0); errors.Is(err, errWrong) != wrong {
			t.Errorf("check(%s) = %v, want wrong %t", answer, err, wrong)
		}
	}
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
		err = callers.closed(t.Context(), time.Minute)
		callers.close()
		if !errors.Is(err, errWrong) {
			t.Errorf("%s: closed = %v, want %v", name, err, errWrong)
		}
		if latencies, _ := callers.take(); len(latencies) != 30 {
			t.Errorf("%s: found after %d answers, want 30", name, len(latencies))
		}
	}
}

// serverOf returns a server with a handler of the test.
func serverOf(t *testing.T, handler http.HandlerFunc) *server {
	t.Helper()
	http := httptest.NewServer(handler)
	t.Cleanup(http.Close)
	return &server{name: "test", host: strings.TrimPrefix(http.URL, "http://"), expected: map[int][]byte{}}
}

// Test16_8_Connection expects a connection to read every form of answer, one after the other.
func Test16_8_Connection(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("0123456789", 20_000)
	s := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case bytes.Contains(body, []byte("large")):
			_, _ = io.WriteString(w, large) // in chunks
		case bytes.Contains(body, []byte("refused")):
			http.Error(w, "busy", http.StatusServiceUnavailable)
		case bytes.Contains(body, []byte("sized")):
			w.Header().Set("Content-Length", strconv.Itoa(len(large)))
			_, _ = io.WriteString(w, large)
		default:
			_, _ = w.Write(body)
		}
	})
	conn, err := dial(s.host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.close()
	for range 2 {
		for body, want := range map[string]string{`"large",{"n":1}}`: large, `"sized",{"n":1}}`: large, `"small",{"n":1}}`: `"small",{"n":1}}`} {
			answer, err := conn.ask(rawRequest("", "/", []byte(body)))
			if err != nil || string(answer) != want {
				t.Errorf("ask(%s) = %d bytes, %v, want %d", body, len(answer), err, len(want))
			}
		}
		if _, err := conn.ask(rawRequest("", "/", []byte(`"refused"`))); !errors.Is(err, errRefused) || !strings.Contains(err.Error(), "busy") {
			t.Errorf("ask = %v, want a refusal", err)
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
			t.Errorf("fresh %t: %d bodies, want %d: %v", fresh, len(bodies), want, bodies)
		}
		for body := range bodies {
			if !strings.HasSuffix(body, `}"`+`,"variables":{"n":`+body[len(body)-12:]) || len(body) != len(works[1].body(0, firstNumber)) {
				t.Errorf("fresh %t: body %s", fresh, body)
			}
		}
	}
}

func Test16_8_Ratios(t *testing.T) {
	t.Parallel()
	at := func(l string, w, clients, connections, requests int, cpu time.Duration) measurement {
		lane, err := laneNamed(l)
		if err != nil {
			t.Fatal(err)
		}
		return measurement{lane: lane, work: works[w-1], clients: clients, connections: connections, requests: requests, cpu: cpu, elapsed: time.Second}
	}
	all := measurements{
		at("bare", 1, 2000, 1, 10, time.Second), at("bare", 2, 2000, 32, 10, time.Second), at("bare", 1, 20_000, 32, 10, time.Second),
		at("bare", 1, 2000, 32, 1000, 20*time.Millisecond), at("gqlgen", 1, 2000, 32, 1000, 100*time.Millisecond),
		at("repeated", 1, 2000, 32, 2000, 60*time.Millisecond), at("unshared", 1, 2000, 32, 500, 47*time.Millisecond),
	}
	repeated, unshared := all[5], all[6]
	if got := repeated.perRequest(); got != 30 {
		t.Errorf("perRequest = %v µs, want 30", got)
	}
	for yardstick, want := range map[string]string{"bare": "1.5", "gqlgen": "0.3", "fresh": "–"} {
		if got := all.ratioText(repeated, yardstick); got != want {
			t.Errorf("ratio to %s = %s, want %s", yardstick, got, want)
		}
	}
	if got := all.ratioText(unshared, "gqlgen"); got != "0.94" {
		t.Errorf("ratio = %s, want 0.94", got)
	}
	var report bytes.Buffer
	all.markdownGoals(&report, options{works: works[:1], clients: []int{20_000, 2000}, connections: []int{1, 32}})
	for _, want := range []string{"| repeated, × bare | ≤ 1.5: 1.5 |", "| never repeated, sharing off, × gqlgen | ≤ 0.9: **0.94** |"} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("the goals have no %q:\n%s", want, report.String())
		}
	}
}

// Test16_8_OpenLoop_NoOmission expects the requests that were due while the server hung to be
// charged with the wait, and the rate not to depend on the server.
func Test16_8_OpenLoop_NoOmission(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		queues := make([]chan time.Time, 3)
		for i := range queues {
			queues[i] = make(chan time.Time, maxBehind)
		}
		during := &window{ended: make(chan struct{})}
		start := time.Now()
		time.AfterFunc(10*time.Second, during.close)
		if err := arrive(t.Context(), queues, 100, during); err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, queue := range queues {
			last := start
			for at := range queue {
				if at.Before(last) || at.After(start.Add(10*time.Second)) {
					t.Fatalf("due at %v after %v, want in order and in the window", at.Sub(start), last.Sub(start))
				}
				last, total = at, total+1
			}
		}
		if total < 900 || total > 1100 {
			t.Errorf("%d requests in 10 s at 100/s, want about 1,000", total)
		}
	})
}

// Test16_8_OpenLoop_LatencyFromDue expects latencies to count from the instant a request was due.
func Test16_8_OpenLoop_LatencyFromDue(t *testing.T) {
	t.Parallel()
	s := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "{}")
	})
	s.expected[1] = []byte("{}")
	callers, err := newCrowd(s, works[0], true, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer callers.close()
	due := make(chan time.Time, 2)
	due <- time.Now().Add(-time.Hour)
	due <- time.Now().Add(-time.Minute)
	close(due)
	if err := callers[0].serve(context.Background(), due); err != nil {
		t.Fatal(err)
	}
	if latencies, _ := callers.take(); len(latencies) != 2 || latencies[0] < time.Minute || latencies[1] < time.Hour {
		t.Errorf("latencies = %v, want more than a minute and an hour", latencies)
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
