package shared_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

// proxy forwards connections from listener to the server until the test ends.
func proxy(t *testing.T, listener net.Listener, server *cachetest.Server) {
	t.Helper()
	var passing sync.WaitGroup
	t.Cleanup(func() {
		listener.Close()
		passing.Wait()
	})
	pass := func(to, from net.Conn) {
		io.Copy(to, from)
		to.Close()
		from.Close()
	}
	passing.Go(func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			onward, err := net.Dial("tcp", server.Address())
			if err != nil {
				conn.Close()
				continue
			}
			passing.Go(func() { pass(onward, conn) })
			passing.Go(func() { pass(conn, onward) })
		}
	})
}

func TestOpen_URLSchemes(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	certified := httptest.NewTLSServer(nil)
	defer certified.Close()
	secure, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certified.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	proxy(t, secure, server)
	path := filepath.Join(t.TempDir(), "store.sock")
	local, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	proxy(t, local, server)

	last := cachetest.Join(t, server.Config())
	for i, url := range []string{
		"valkey://" + server.Address() + "/0",
		"rediss://" + secure.Addr().String() + "?skip_verify=true",
		"unix://" + path,
	} {
		s := cachetest.Open(t, configOf(url))
		cachetest.Until(t, url+" is up", s.Up)
		value := fmt.Sprint(i)
		if err := last.Set(t.Context(), key, []byte(value), time.Minute); err != nil {
			t.Errorf("Set = %v", err)
		}
		wantValue(t, s, key, value)
		last = s
	}

	var log logBuffer
	cfg := configOf("rediss://" + secure.Addr().String())
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	untrusted := cachetest.Open(t, cfg)
	cachetest.Until(t, "the certificate is rejected", func() bool { return strings.Contains(log.String(), "certificate") })
	if untrusted.Up() {
		t.Error("Up() = true with an untrusted certificate, want false")
	}
}

func TestOpen_MalformedURLIsNotQuoted(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "localhost:6379", "unix://", "http://u:s3cret@h", "redis://u:s3cret@h:port", "redis://u:s3cret@h/x/y",
		"redis://u:s3cret@h/s3cret", "redis://u:s3cret@h:6379\n", "redis://u:s3%cret@h", "redis://u:s3cret@h?db=s3cret",
		"redis://u:s3cret@h?master_set=m", "redis://u:s3cret@h?addr=i:1",
	} {
		s, err := shared.Open(configOf(url))
		if err == nil {
			s.Close()
			t.Errorf("Open(%q) succeeded, want an error", url)
		} else if strings.Contains(err.Error(), "s3") {
			t.Errorf("Open(%q) = %v, want no part of the URL", url, err)
		}
	}
}

func TestStore_PasswordIsRedacted(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	if _, err := server.Do("CONFIG", "SET", "requirepass", "right"); err != nil {
		t.Fatal(err)
	}
	var log logBuffer
	cfg := configOf(strings.Replace(server.URL(), "://", "://:s3cret@", 1))
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	s := cachetest.Open(t, cfg)
	cachetest.Until(t, "a warning", func() bool { return strings.Contains(log.String(), "level=WARN") })
	_, err := s.Get(t.Context(), key)
	if !errors.Is(err, shared.ErrStoreLost) {
		t.Errorf("Get = %v with a wrong password, want %v", err, shared.ErrStoreLost)
	}
	if text := log.String() + err.Error(); strings.Contains(text, "s3cret") {
		t.Errorf("the log and error = %s, want no password", text)
	}

	cfg.URL = strings.Replace(server.URL(), "://", "://:right@", 1)
	cachetest.Until(t, "up with the right password", cachetest.Open(t, cfg).Up)
}

func TestStore_CancelledCallKeepsConnection(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s := cachetest.Join(t, server.Config())
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Get(cancelled, key); !errors.Is(err, context.Canceled) || errors.Is(err, shared.ErrStoreLost) {
		t.Errorf("Get = %v for a cancelled context, want %v", err, context.Canceled)
	}

	server.Freeze()
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := s.Get(short, key)
	up := s.Up()
	server.Thaw()
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, shared.ErrStoreLost) || !up {
		t.Errorf("Get = %v, then Up() = %t, for a short deadline, want %v and true", err, up, context.DeadlineExceeded)
	}
	if _, err := s.Get(t.Context(), key); !errors.Is(err, shared.ErrNoValue) {
		t.Errorf("Get = %v from the next caller, want %v", err, shared.ErrNoValue)
	}
}
