package main

import (
	"encoding/json"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/graph"
	"wisphub-graphql/wisphub/wisphubtest"
)

// widestQuery has 13,000 values. With long comments, its answer has
// nearly 2 MB, which is the largest that callers share.
const widestQuery = `query { clients(first: 500) { nodes { serviceId a: comments b: comments c: comments d: comments
	e: comments f: address g: address h: address i: address j: address k: address l: name m: name n: name o: name
	p: name q: email r: email s: email t: email u: email v: locality w: locality x: locality y: city z: city } } OTHER }`

// slowReaders are 200 callers who never read such an answer.
type slowReaders struct {
	*site
	handler http.Handler
	graphql *graph.Handler
	begun   atomic.Int64 // requests
	sent    atomic.Int64 // answers whose sending has begun
}

// ServeHTTP counts a request and its answer.
func (s *slowReaders) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.begun.Add(1)
	s.handler.ServeHTTP(countedWriter{w, &s.sent}, r)
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
	upstream := newSimulator(t, 500)
	lengthenComments(upstream)
	_, a := startApp(t, upstream, nil)
	s := &slowReaders{handler: a.handler, graphql: a.graphql}
	a.handler = s
	site, stop, served := startServing(t, a) // its connections have small buffers
	s.site = site
	s.login("ana", testPassword)
	defer func() {
		stop()
		<-served
	}()
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
		row["comentarios"] = strings.Repeat("c", 680)
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

// readSlowly measures one way until all requests have begun, made is true of how answers were made, and
// no further answer is made.
func (s *slowReaders) readSlowly(t *testing.T, query string, fresh bool, made func(hits, written uint64) bool) {
	runtime.GC()
	hits, begun, sent := s.graphql.Answers().Hits, s.begun.Load(), s.sent.Load()
	written, _ := s.graphql.DirectAnswers()
	connected := &site{t: t, url: s.url, token: s.token} // until the way is measured
	for n := 1; n <= 200; n++ {
		number := n
		if !fresh {
			number = 0
		}
		connected.sendUnread(http.MethodPost, "/graphql", question(t, query, number))
	}
	peak, last, quiet := uint64(0), int64(0), 0
	for deadline := time.Now().Add(30 * time.Second); quiet < 20; time.Sleep(20 * time.Millisecond) {
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		peak = max(peak, now.HeapInuse+now.StackInuse)
		nowHits := s.graphql.Answers().Hits - hits
		nowWritten, _ := s.graphql.DirectAnswers()
		if s.begun.Load() == begun+200 && s.sent.Load() >= sent+2 && made(nowHits, nowWritten-written) {
			quiet++
		}
		if nowSent := s.sent.Load(); nowSent != last {
			last, quiet = nowSent, 0
		}
		if quiet == 0 && time.Now().After(deadline) {
			t.Fatalf("%d requests have begun, %d hits, %d answers written directly", s.begun.Load()-begun, nowHits, nowWritten-written)
		}
	}
	t.Logf("%d MB in use", peak>>20)
	if peak > 150<<20 {
		t.Errorf("%d MB in use, want at most 150", peak>>20)
	}
}
