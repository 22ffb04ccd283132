package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// widestQuery has nearly as many values as an answer may have. With long comments, its answer has
// nearly 2 MB, which is the largest that callers share.
const widestQuery = `query { clients(first: 2000) { nodes { serviceId a: comments b: comments c: comments d: comments
	e: comments f: address g: address h: address i: address j: address k: address l: name m: name n: name o: name
	p: name q: email r: email s: email t: email u: email v: locality w: locality x: locality y: city z: city } } OTHER }`

// slowReaders are 200 callers who never read such an answer.
type slowReaders struct {
	*site
	app   *app
	begun atomic.Int64 // requests
	sent  atomic.Int64 // answers whose sending has begun
}

// ServeHTTP counts a request and its answer.
func (s *slowReaders) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.begun.Add(1)
	s.app.handler.ServeHTTP(countedWriter{w, &s.sent}, r)
}

type countedWriter struct {
	http.ResponseWriter
	sent *atomic.Int64
}

func (w countedWriter) WriteHeader(status int) {
	w.sent.Add(1)
	w.ResponseWriter.WriteHeader(status)
}

func (w countedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Test16_4_SlowReaders expects 200 callers who never read such answers to cost less than 150 MB,
// whichever way the answers are made: shared, written from memory, or by gqlgen's executor.
func Test16_4_SlowReaders(t *testing.T) {
	upstream := newSimulator(t, 2000)
	lengthenComments(upstream)
	s := &slowReaders{}
	s.site, s.app = startLoggedIn(t, upstream, nil)
	counted := httptest.NewServer(s)
	defer counted.Close()
	s.url = counted.URL
	for _, way := range []struct {
		name, other   string
		fresh         bool // each question is a new one
		shared, wrote bool // how the answers must be made
	}{
		{name: "shared", shared: true},
		{name: "direct", fresh: true, wrote: true},
		{name: "executor", fresh: true, other: "viewer { username }"},
	} {
		t.Run(way.name, func(t *testing.T) {
			query := strings.Replace(widestQuery, "OTHER", way.other, 1)
			for range 3 { // the first loads the clients, and the second is kept
				status, _, answer := s.do(http.MethodPost, "/graphql", question(t, query, 0), http.Header{"Content-Type": {"application/json"}})
				if status != http.StatusOK || len(answer) < 1_900_000 {
					t.Fatalf("%d with %d bytes %.200s, want an answer of 2 MB", status, len(answer), answer)
				}
			}
			s.readSlowly(t, query, way.fresh, func(hits, written uint64) bool {
				return (hits >= 20) == way.shared && (written >= 2) == way.wrote
			})
		})
	}
}

// lengthenComments makes the answer to widestQuery nearly as large as a shared one may be.
func lengthenComments(upstream *wisphubtest.Server) {
	for _, id := range upstream.IDs() {
		row := upstream.Row(id)
		row["comentarios"] = strings.Repeat("c", 80)
		upstream.PutRow(row)
	}
}

// question returns the body of a question. Those with different numbers are never the same.
func question(t *testing.T, query string, n int) string {
	body, err := json.Marshal(map[string]any{"query": query, "variables": map[string]string{"n": strconv.Itoa(n)}})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// readSlowly measures one way, once all requests have begun and made is true of how answers were made.
func (s *slowReaders) readSlowly(t *testing.T, query string, fresh bool, made func(hits, written uint64) bool) {
	runtime.GC()
	hits, begun, sent := s.app.graphql.Answers().Hits, s.begun.Load(), s.sent.Load()
	written, _ := s.app.graphql.DirectAnswers()
	connected := &site{t: t, url: s.url, token: s.token} // until the way is measured
	for n := 1; n <= 200; n++ {
		number := n
		if !fresh {
			number = 0
		}
		connected.sendUnread(http.MethodPost, "/graphql", question(t, query, number))
	}
	peak, samples := uint64(0), 0
	for deadline := time.Now().Add(30 * time.Second); samples < 10; time.Sleep(10 * time.Millisecond) {
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		peak = max(peak, now.HeapInuse+now.StackInuse)
		nowHits := s.app.graphql.Answers().Hits - hits
		nowWritten, _ := s.app.graphql.DirectAnswers()
		if s.begun.Load() == begun+200 && s.sent.Load() >= sent+2 && made(nowHits, nowWritten-written) {
			samples++
		} else if time.Now().After(deadline) {
			t.Fatalf("%d requests have begun, %d hits, %d answers written directly", s.begun.Load()-begun, nowHits, nowWritten-written)
		}
	}
	t.Logf("%d MB in use", peak>>20)
	if peak > 150<<20 {
		t.Errorf("%d MB in use, want at most 150", peak>>20)
	}
}
