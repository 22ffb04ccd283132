// Package cachetest runs real Valkey or Redis servers for tests of the shared
// store and its users. A test can kill, freeze and restart them.
package cachetest

import (
	"bufio"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"wisphub-graphql/cache/shared"
)

// Namespace is the namespace of [Server.Config].
const Namespace = "demo"

// startTimeout is long, because a busy machine may start many servers at once.
const startTimeout = 10 * time.Second

// Server is a Valkey or Redis server, initially empty, that stores nothing on
// disk. Only the goroutine of the test may use it.
type Server struct {
	tb      testing.TB
	program string
	address string
	process *exec.Cmd // nil after Kill
}

// StartServer starts a server on a free port of the loopback interface and kills
// it at the end of the test. It skips the test if no server is installed.
func StartServer(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{tb: tb, program: installed(tb), address: freeAddress(tb)}
	tb.Cleanup(s.Kill)
	s.Restart()
	return s
}

// URL returns the URL of the server, which stays the same after a restart.
func (s *Server) URL() string { return "redis://" + s.address }

// Config returns the configuration of a store on this server, with default times
// and without a log. Locks can be acquired at once although the server is empty.
func (s *Server) Config() shared.Config {
	return shared.Config{
		URL: s.URL(), Namespace: Namespace, Logger: slog.New(slog.DiscardHandler), Regroup: time.Microsecond,
	}
}

// Address returns host and port.
func (s *Server) Address() string { return s.address }

// Kill ends the server abruptly, even if it is frozen. It does nothing if the
// server is not running.
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	s.process.Process.Kill()
	s.process.Wait()
	s.process = nil
}

// Restart starts the server after Kill, empty and on the same port, and returns
// once it answers.
func (s *Server) Restart() {
	s.tb.Helper()
	if s.process != nil {
		s.tb.Fatal("Restart of a running server")
	}
	_, port, _ := net.SplitHostPort(s.address)
	s.process = exec.Command(s.program,
		"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", s.tb.TempDir())
	if err := s.process.Start(); err != nil {
		s.tb.Fatalf("start %s: %v", s.program, err)
	}
	deadline := time.Now().Add(startTimeout)
	for {
		answer, err := s.Do("PING")
		if err == nil && answer == "+PONG" {
			return
		}
		if time.Now().After(deadline) {
			s.tb.Fatalf("%s answered PING with %q, %v for %v", s.program, answer, err, startTimeout)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Freeze suspends the server: it accepts connections and data, and answers
// nothing.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw resumes a frozen server.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

// Do sends one command and returns the first line of the answer.
func (s *Server) Do(words ...string) (string, error) {
	conn, err := net.DialTimeout("tcp", s.address, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Second))
	fmt.Fprintf(conn, "%s\r\n", strings.Join(words, " "))
	line, err := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(line), err
}

func (s *Server) signal(signal syscall.Signal) {
	s.tb.Helper()
	if s.process == nil {
		s.tb.Fatalf("%v to a server that is not running", signal)
	}
	if err := s.process.Process.Signal(signal); err != nil {
		s.tb.Fatalf("%v: %v", signal, err)
	}
}

func installed(tb testing.TB) string {
	tb.Helper()
	for _, name := range []string{"valkey-server", "redis-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	tb.Skip("skipped: neither valkey-server nor redis-server is installed")
	return ""
}

// freeAddress returns an address that was free a moment ago. Its port is below
// the range of ephemeral ports. While the server is down, no outgoing connection
// can take the port, and no client can connect to itself.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.N(10_000))
		listener, err := net.Listen("tcp", address)
		if err == nil {
			listener.Close()
			return address
		}
	}
	tb.Fatal("no free port between 20000 and 30000")
	return ""
}
