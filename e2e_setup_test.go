package main

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wisphub-graphql/auth/leaktest"
	"wisphub-graphql/config"
	"wisphub-graphql/wisphub/wisphubtest"
)

const (
	testSigningKey = "0123456789abcdefghijklmnopqrstuvwxyz"
	testPassword   = "a password"
	// testHash is the bcrypt hash of testPassword, at the lowest cost.
	testHash = "$2a$04$h3mvgDsEbdlj4lVWL1V2au8xCAf1sz.lr7HDu5krU4CvCJFfZ7PLq"
)

// leaks fails the test run if any log or answer contains a secret. Input of callers is not among
// the secrets: an error in a document quotes the document.
var leaks = leaktest.New(append([]string{wisphubtest.Key, testSigningKey, testPassword},
	slices.DeleteFunc(slices.Clone(canaries), func(canary string) bool { return canary == canaryInput })...)...)

// serveInTest is an environment variable that turns the test binary into the program, so that a
// test can run several processes and kill them.
const serveInTest = "WISPHUB_GRAPHQL_TEST_SERVES"

func TestMain(m *testing.M) {
	if os.Getenv(serveInTest) != "" {
		main()
		return
	}
	goleak.VerifyTestMain(leaks.Wrap(m))
}

// startDemo runs the demo command until the test ends. It returns its site and its log.
func startDemo(t *testing.T, environ map[string]string, args ...string) (*site, *logBuffer) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	output, stdout := io.Pipe()
	log := &logBuffer{}
	p := program{environ: environ, stdin: strings.NewReader(""), stdout: stdout, stderr: log}
	ended := make(chan error, 1)
	go func() { ended <- p.run(ctx, append([]string{"demo", "-addr", "127.0.0.1:0"}, args...)) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run(demo) = %v, want nil", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	banner := make([]byte, 1024)
	n, err := output.Read(banner)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(banner[:n]), "\n")
	address := strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(line, "GraphiQL")), "/")
	return &site{t: t, url: address}, log
}

// logBuffer is a log that may be read while it is written. It is safe for concurrent use.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (b *logBuffer) Write(p []byte) (int, error) {
	leaks.Check(string(p))
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// startApp serves an app over the given WispHub until the test ends. The changes are environment
// variables.
func startApp(t *testing.T, upstream http.Handler, changes map[string]string) (*site, *app) {
	t.Helper()
	return startLoggedApp(t, upstream, changes, &logBuffer{})
}

// startLoggedApp is startApp with a log.
func startLoggedApp(t *testing.T, upstream http.Handler, changes map[string]string, log io.Writer) (*site, *app) {
	t.Helper()
	wispHub := httptest.NewServer(upstream)
	t.Cleanup(wispHub.Close)
	settings := loadSettings(t, testEnviron(wispHub.URL, changes))
	a, err := newApp(settings, newLogger(settings, log), newAudit(settings, log), false)
	if err != nil {
		t.Fatal(err)
	}
	a.penalty.Delay = 0
	t.Cleanup(a.Close)
	server := httptest.NewUnstartedServer(a.handler)
	server.Config.ConnContext = a.connections.ConnContext
	server.Start()
	t.Cleanup(server.Close)
	return &site{t: t, url: server.URL}, a
}

// testEnviron returns the environment of a server, with changes applied. WispHub is at host.
func testEnviron(host string, changes map[string]string) map[string]string {
	environ := map[string]string{
		"WISPHUB_NET_HOST":  host,
		"WISPHUB_NET_KEY":   wisphubtest.Key,
		"JWT_SECRET_KEY":    testSigningKey,
		"API_USERNAME":      "ana",
		"API_PASSWORD_HASH": testHash,
	}
	maps.Copy(environ, changes)
	return environ
}

func loadSettings(t *testing.T, environ map[string]string) *config.Settings {
	t.Helper()
	settings, _, err := config.Load(environ)
	if err != nil {
		t.Fatal(err)
	}
	return settings
}

// newSimulator returns a simulated WispHub with a fixed seed.
func newSimulator(t *testing.T, clients int) *wisphubtest.Server {
	t.Helper()
	simulator := wisphubtest.New(wisphubtest.Config{Clients: clients, Seed: 1})
	t.Cleanup(simulator.Close)
	return simulator
}

// startLoggedIn is startApp with a site that is logged in.
func startLoggedIn(t *testing.T, upstream http.Handler, changes map[string]string) (*site, *app) {
	t.Helper()
	s, a := startApp(t, upstream, changes)
	s.login("ana", testPassword)
	return s, a
}

// startServing serves an app with serveOn, as the program does. Calling stop is the signal to
// stop, and served receives the result of serveOn.
func startServing(t *testing.T, a *app) (s *site, stop context.CancelFunc, served <-chan error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- a.serveOn(ctx, listener) }()
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return &site{t: t, url: "http://" + listener.Addr().String()}, stop, result
}

// writeFile creates a file with exactly this mode, ignoring the umask, and returns its path.
func writeFile(t *testing.T, content string, mode fs.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// poll waits until done returns true, for ten seconds at most.
func poll(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not true after ten seconds: %s", what)
		}
	}
}
