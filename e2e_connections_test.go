package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

// TestConnections_SilentOnesBlockNoCaller opens hundreds of connections that send nothing, and
// then those of callers.
func TestConnections_SilentOnesBlockNoCaller(t *testing.T) {
	t.Parallel()
	s, address := serveWith(t, map[string]string{"MAX_CONNECTIONS": "50"}, func(*app) {})
	for range 200 {
		dialTo(t, address)
	}
	s.login("ana", "a password")
	for range 100 {
		conn := dialTo(t, address)
		fmt.Fprint(conn, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
		if line, err := bufio.NewReader(conn).ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 200") {
			t.Fatalf("a caller after silent connections got %q, %v, want 200", line, err)
		}
	}
	var data struct{ Viewer struct{ Username string } }
	s.query("{ viewer { username } }", &data)
	if data.Viewer.Username != "ana" {
		t.Errorf("viewer = %+v, want ana", data)
	}
}

// TestConnections_EndlessBodiesBlockNoCaller expects the oldest request without a token to be
// closed at the limit of one address.
func TestConnections_EndlessBodiesBlockNoCaller(t *testing.T) {
	t.Parallel()
	_, address := serveWith(t, map[string]string{"MAX_CONNECTIONS_PER_ADDRESS": "3"}, func(*app) {})
	var slow []net.Conn
	for range 3 {
		conn := dialTo(t, address)
		slow = append(slow, conn)
		fmt.Fprint(conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
		if line, err := bufio.NewReader(conn).ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 100") {
			t.Fatalf("a request got %q, %v, want 100 Continue", line, err)
		}
	}
	conn := dialTo(t, address)
	fmt.Fprint(conn, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
	if line, err := bufio.NewReader(conn).ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 200") {
		t.Errorf("a caller after endless bodies got %q, %v, want 200", line, err)
	}
	if text, _ := io.ReadAll(slow[0]); strings.Contains(string(text), "HTTP/1.1 2") {
		t.Errorf("the oldest body got %.80q, want its connection closed", text)
	}
}
