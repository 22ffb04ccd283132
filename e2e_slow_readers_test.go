package main

import (
	"encoding/json"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// widestQuery has nearly as many values as an answer may have, and is an answer of more than a megabyte.
const widestQuery = `query { clients(first: 2000) { nodes { serviceId a: comments b: comments c: comments d: comments
	e: comments f: address g: address h: address i: address j: address k: address l: name m: name n: name o: name
	p: name q: email r: email s: email t: email u: email v: locality w: locality x: locality y: city z: city } } OTHER }`

// Test16_4_SlowReaders expects 200 callers who never read such answers to cost less than 150 MB,
// whichever way the answers are made: shared, written from memory, or by gqlgen's executor.
func Test16_4_SlowReaders(t *testing.T) {
	for name, other := range map[string]string{"shared": "", "direct": "", "executor": "viewer { username }"} {
		t.Run(name, func(t *testing.T) { readSlowly(t, name, other) })
	}
}

// readSlowly measures one way. It has a server of its own: the callers before it still hold bytes.
func readSlowly(t *testing.T, name, other string) {
	s, _ := startApp(t, newSimulator(t, 2000), nil)
	s.login("ana", "a password")
	query := strings.Replace(widestQuery, "OTHER", other, 1)
	ask := func(n int) string {
		if name == "shared" {
			n = 0
		}
		body, err := json.Marshal(map[string]any{"query": query, "variables": map[string]string{"n": strconv.Itoa(n)}})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	status, _, answer := s.do(http.MethodPost, "/graphql", ask(0), http.Header{"Content-Type": {"application/json"}})
	if status != http.StatusOK || len(answer) < 1<<20 {
		t.Fatalf("%s: %d with %d bytes %.200s, want an answer of a megabyte at least", name, status, len(answer), answer)
	}
	for n := range 200 {
		s.sendUnread(http.MethodPost, "/graphql", ask(n))
	}
	var now runtime.MemStats
	peak := uint64(0)
	for range 25 {
		runtime.ReadMemStats(&now)
		peak = max(peak, now.HeapInuse+now.StackInuse)
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("%s: answers of %d kB, %d MB in use", name, len(answer)>>10, peak>>20)
	if peak > 150<<20 {
		t.Errorf("%s: %d MB in use, want at most 150", name, peak>>20)
	}
}
