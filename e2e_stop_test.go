package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// keepAliveUser sends requests over one connection for as long as the server keeps it, and then
// over the next.
type keepAliveUser struct {
	address, request string
	conn             net.Conn
	reader           *bufio.Reader
	kept             bool // conn has carried an answer that did not close it
}

func newKeepAliveUser(s *site) *keepAliveUser {
	const document = `{"query":"{ clients(first: 1) { totalCount } }"}`
	return &keepAliveUser{
		address: strings.TrimPrefix(s.url, "http://"),
		request: fmt.Sprintf("POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			s.token, len(document), document),
	}
}

// errNewConnection marks the failure of a request that was the first of its connection.
var errNewConnection = errors.New("new connection")

func (u *keepAliveUser) ask() error {
	if u.conn == nil {
		conn, err := net.Dial("tcp", u.address)
		if err != nil {
			return fmt.Errorf("%w: %w", errNewConnection, err)
		}
		u.conn, u.reader, u.kept = conn, bufio.NewReader(conn), false
	}
	err := u.exchange()
	if err != nil && !u.kept {
		err = fmt.Errorf("%w: %w", errNewConnection, err)
	}
	return err
}

func (u *keepAliveUser) exchange() error {
	if _, err := io.WriteString(u.conn, u.request); err != nil {
		return err
	}
	response, err := http.ReadResponse(u.reader, nil)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), `"totalCount":30`) {
		return fmt.Errorf("status %d, %s, %w", response.StatusCode, body, err)
	}
	u.kept = !response.Close
	if response.Close {
		_ = u.conn.Close()
		u.conn = nil
	}
	return nil
}

// stopUnderLoad stops a process while 30 users send requests, and returns the requests that were
// answered, and those that were lost on a connection that the server had kept.
func stopUnderLoad(t *testing.T, environ map[string]string, signal syscall.Signal, pause time.Duration) (answered, lost int64, p *process) {
	t.Helper()
	server := httptest.NewServer(newSimulator(t, 30))
	t.Cleanup(server.Close)
	p = startProcess(t, testEnviron(server.URL, environ))
	p.clients()
	var users sync.WaitGroup
	var answers, losses, fresh atomic.Int64
	for range 30 {
		users.Go(func() {
			for user := newKeepAliveUser(p.site); ; time.Sleep(pause) {
				switch err := user.ask(); {
				case err == nil:
					answers.Add(1)
					continue
				case !errors.Is(err, errNewConnection):
					losses.Add(1)
					t.Logf("lost: %v", err)
				case !errors.Is(err, syscall.ECONNREFUSED):
					fresh.Add(1)
					t.Logf("new connection: %v", err)
				}
				return
			}
		})
	}
	time.Sleep(time.Second)
	if err := p.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	stopped := time.Now()
	<-p.ended
	took := time.Since(stopped)
	users.Wait()
	if took > 9*time.Second {
		t.Errorf("the stop took %v, want less than Docker's 10s", took)
	}
	t.Logf("%d answered, %d lost, %d reset before their first answer; the stop took %v", answers.Load(), losses.Load(), fresh.Load(), took)
	if runtime.GOOS == "linux" && fresh.Load() > 0 {
		t.Errorf("%d new connections were reset, want them answered or refused", fresh.Load())
	}
	return answers.Load(), losses.Load(), p
}

// A stop loses no request of a keep-alive connection. SIGHUP stops and saves as SIGTERM does.
func Test14_13_StopLosesNoRequest(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		environ := map[string]string{"API_PASSWORD_HASH": testHash, "CACHE_DIR": t.TempDir()}
		answered, lost, p := stopUnderLoad(t, environ, signal, 2*time.Millisecond)
		if lost > 0 || answered < 100 {
			t.Errorf("%v: %d requests answered, %d lost, want many and none", signal, answered, lost)
		}
		if kept, err := filepath.Glob(filepath.Join(environ["CACHE_DIR"], "clients.snapshot")); err != nil || len(kept) == 0 {
			t.Errorf("%v: the clients were not saved: %v", signal, err)
		}
		if !p.command.ProcessState.Success() {
			t.Errorf("%v: %v, want exit status 0; log: %s", signal, p.command.ProcessState, p.log)
		}
	}
}

// While it drains, the server is not ready, serves, and asks each caller to close its connection.
func Test14_13_DrainsBeforeItStops(t *testing.T) {
	t.Parallel()
	_, a := startApp(t, newSimulator(t, 30), map[string]string{"API_PASSWORD_HASH": testHash, "SHUTDOWN_DELAY": "3s"})
	s, stop, served := startServing(t, a)
	s.login("ana", testPassword)
	poll(t, "the server is ready", func() bool { return a.ready.Load() })
	if response := get(t, s.url+"/readyz"); response.StatusCode != http.StatusOK || response.Close {
		t.Errorf("GET /readyz = %d, closes %t, want 200 on a connection that stays", response.StatusCode, response.Close)
	}
	began := time.Now()
	stop()
	poll(t, "the drain begins", a.drain.Begun)
	for path, want := range map[string]int{"/readyz": 503, "/health": 200} {
		if response := get(t, s.url+path); response.StatusCode != want || !response.Close {
			t.Errorf("GET %s = %d, closes %t, want %d on a connection that closes", path, response.StatusCode, response.Close, want)
		}
	}
	if _, body := s.query("{ clients { totalCount } }", nil); body != `{"data":{"clients":{"totalCount":30}}}` {
		t.Errorf("clients = %s, want 30 from a draining server", body)
	}
	if err := <-served; err != nil || time.Since(began) < 3*time.Second {
		t.Errorf("serveOn = %v after %v, want nil after SHUTDOWN_DELAY", err, time.Since(began))
	}
}

func get(t *testing.T, url string) *http.Response {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response
}

// A terminal that closes hangs up twice: the shell and the kernel each send SIGHUP. The second one
// does not cut the stop short.
func Test14_13_SecondHangUpStillSaves(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newSimulator(t, 30))
	t.Cleanup(server.Close)
	folder := t.TempDir()
	p := startProcess(t, testEnviron(server.URL, map[string]string{"API_PASSWORD_HASH": testHash, "CACHE_DIR": folder}))
	p.clients()
	for range 2 {
		if err := p.command.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	<-p.ended
	if !p.command.ProcessState.Success() {
		t.Errorf("%v, want exit status 0; log: %s", p.command.ProcessState, p.log)
	}
	if kept, err := filepath.Glob(filepath.Join(folder, "clients.snapshot")); err != nil || len(kept) == 0 {
		t.Errorf("the clients were not saved: %v", err)
	}
}
