package main

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"strings"
	"testing"
	"testing/iotest"

	"wisphub-graphql/auth"
)

func TestHashPassword(t *testing.T) {
	t.Parallel()
	var stdout strings.Builder
	if err := hashPassword(strings.NewReader("correct horse\n"), &stdout); err != nil {
		t.Fatalf("hashPassword = %v", err)
	}
	hash, ok := strings.CutSuffix(stdout.String(), "\n")
	if err := auth.CheckHash(hash); err != nil || !ok {
		t.Errorf("hashPassword printed %q, want a bcrypt hash and a line end: %v", stdout.String(), err)
	}
}

func TestReadPassword(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]string{
		"correct horse\n":     "correct horse",
		"correct horse\r\n":   "correct horse",
		"correct horse":       "correct horse",
		" spaces stay \nnext": " spaces stay ",
	} {
		if got, err := readPassword(strings.NewReader(input)); err != nil || got != want {
			t.Errorf("readPassword(%q) = %q, %v, want %q", input, got, err, want)
		}
	}
}

func TestHashPassword_Invalid(t *testing.T) {
	t.Parallel()
	for name, input := range map[string]string{
		"nothing":    "",
		"empty line": "\r\n",
		"73 bytes":   strings.Repeat("p", 73) + "\n",
		"a megabyte": strings.Repeat("p", 1<<20),
		"NUL":        "pass\x00word\n",
	} {
		var stdout strings.Builder
		if err := hashPassword(strings.NewReader(input), &stdout); err == nil || stdout.Len() > 0 {
			t.Errorf("hashPassword(%s) = %v, printed %q, want an error and nothing", name, err, stdout.String())
		}
	}
	broken := errors.New("broken")
	if err := hashPassword(iotest.ErrReader(broken), new(strings.Builder)); !errors.Is(err, broken) {
		t.Errorf("hashPassword(broken reader) = %v, want %v", err, broken)
	}
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	for status, healthy := range map[int]bool{http.StatusOK: true, http.StatusFound: false, http.StatusServiceUnavailable: false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.String() != "/health" {
				t.Errorf("healthcheck requested %s %s, want GET /health", r.Method, r.URL)
			}
			w.Header().Set("Location", "/health")
			w.WriteHeader(status)
		}))
		defer server.Close()
		_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
		if err := healthcheck(t.Context(), ":"+port); (err == nil) != healthy {
			t.Errorf("healthcheck of a server that answers %d = %v, want healthy %t", status, err, healthy)
		}
	}
}

func TestHealthcheck_NoServer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	for _, address := range []string{address, "no port", ""} {
		if err := healthcheck(t.Context(), address); err == nil {
			t.Errorf("healthcheck(%q) = nil, want an error", address)
		}
	}
}

func TestHealthURL(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		":8000":          "http://127.0.0.1:8000/health",
		"0.0.0.0:8000":   "http://127.0.0.1:8000/health",
		"[::]:8000":      "http://127.0.0.1:8000/health",
		"[::1]:8000":     "http://[::1]:8000/health",
		"localhost:8000": "http://localhost:8000/health",
		"10.0.0.7:81":    "http://10.0.0.7:81/health",
	} {
		if got, err := healthURL(address); err != nil || got != want {
			t.Errorf("healthURL(%q) = %q, %v, want %q", address, got, err, want)
		}
	}
}

func TestPrintVersion(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := printVersion(&out); err != nil || !strings.HasPrefix(out.String(), "wisphub-graphql dev (commit ") {
		t.Errorf("printVersion printed %q, %v, want the name and the version", out.String(), err)
	}
}

func TestCommitOf(t *testing.T) {
	t.Parallel()
	settings := []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}}
	for count, want := range []string{"commit unknown", "commit abc", "commit abc with changes"} {
		if got := commitOf(settings[:count]); got != want {
			t.Errorf("commitOf(%v) = %q, want %q", settings[:count], got, want)
		}
	}
}
