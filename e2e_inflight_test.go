package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// wideQuery costs about 7 MB to make.
const wideQuery = `{ clients(first: 2000) { nodes {
	id serviceId username name document email phone address locality city status invoiceStatus
	balance planPrice discount cutOffDate installedAt updatedAt ip localIp macAddress comments } } }`

// sendUnread sends a request and never reads the answer.
func (s *site) sendUnread(method, path, body string) {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.(*net.TCPConn).SetReadBuffer(4096) // the kernel must not take the answer
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		method, path, s.token, len(body), body)
}

// Test15_1_GreedyReaders expects two users who ask for large answers, and never read them, to leave
// room for a third one and to cost a bounded amount of memory.
func Test15_1_GreedyReaders(t *testing.T) {
	users := writeFile(t, "ben:"+testHash+":READ\ncarl:"+testHash+":READ\n", 0o600)
	s, _ := startApp(t, newSimulator(t, 2000), map[string]string{"API_USERS_FILE": users})
	greedy, other, reader := &site{t: t, url: s.url}, &site{t: t, url: s.url}, &site{t: t, url: s.url}
	greedy.login("ana", "a password")
	other.login("ben", "a password")
	reader.login("carl", "a password")
	var out any
	reader.query(wideQuery, &out) // loads the clients
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	query, err := json.Marshal(map[string]string{"query": wideQuery})
	if err != nil {
		t.Fatal(err)
	}
	for range 30 {
		greedy.sendUnread(http.MethodPost, "/graphql", string(query))
		other.sendUnread(http.MethodGet, "/api/v1/clients/", "")
	}
	peak := uint64(0)
	for range 100 {
		if status, body := reader.query(`{ clients(first: 50) { nodes { name plan { name } } } }`, nil); status != http.StatusOK {
			t.Fatalf("a small query of another user = %d %.200s, want an answer", status, body)
		}
		if status, _, body := reader.do(http.MethodGet, "/api/v1/internet-plans", "", nil); status != http.StatusOK {
			t.Fatalf("another user's request over REST = %d %.200s, want an answer", status, body)
		}
		runtime.ReadMemStats(&now)
		peak = max(peak, now.HeapInuse)
		time.Sleep(10 * time.Millisecond)
	}
	if grown := int64(peak) - int64(before.HeapInuse); grown > 100<<20 {
		t.Errorf("the heap grew by %d MB, want 100 at most", grown>>20)
	} else {
		t.Logf("the heap grew by %d MB", grown>>20)
	}
}
