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

// proxy passes what comes to listener on to the server, until the test ends.
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

func TestSharedSchemes(t *testing.T) {
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
			t.Errorf("Store = %v", err)
		}
		wantValue(t, s, key, value)
		last = s
	}

	var log journal
	cfg := configOf("rediss://" + secure.Addr().String())
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	distrusted := cachetest.Open(t, cfg)
	cachetest.Until(t, "the certificate is refused", func() bool { return strings.Contains(log.String(), "certificate") })
	if distrusted.Up() {
		t.Error("Up() = true with a certificate that nobody vouches for, want false")
	}
}

func TestSharedRefusesURLsWithoutQuotingThem(t *testing.T) {
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
			t.Errorf("Open(%q) = %v, want nothing of the URL", url, err)
		}
	}
}

func TestSharedNeverShowsThePassword(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	if _, err := server.Do("CONFIG", "SET", "requirepass", "right"); err != nil {
		t.Fatal(err)
	}
	var log journal
	cfg := configOf(strings.Replace(server.URL(), "://", "://:s3cret@", 1))
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	s := cachetest.Open(t, cfg)
	cachetest.Until(t, "a warning", func() bool { return strings.Contains(log.String(), "level=WARN") })
	_, err := s.Get(t.Context(), key)
	if !errors.Is(err, shared.ErrStoreLost) {
		t.Errorf("Load = %v with a wrong password, want %v", err, shared.ErrStoreLost)
	}
	if text := log.String() + err.Error(); strings.Contains(text, "s3cret") {
		t.Errorf("the password is in %s", text)
	}

	cfg.URL = strings.Replace(server.URL(), "://", "://:right@", 1)
	cachetest.Until(t, "up with the right password", cachetest.Open(t, cfg).Up)
}

func TestSharedCallerWhoLeftIsNotTheStoresFault(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s := cachetest.Join(t, server.Config())
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Get(cancelled, key); !errors.Is(err, context.Canceled) || errors.Is(err, shared.ErrStoreLost) {
		t.Errorf("Load = %v for a caller who left before, want %v", err, context.Canceled)
	}

	server.Freeze()
	hurried, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := s.Get(hurried, key)
	up := s.Up()
	server.Thaw()
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, shared.ErrStoreLost) || !up {
		t.Errorf("Load = %v, then Up() = %t, for a caller in a hurry, want %v and true", err, up, context.DeadlineExceeded)
	}
	if _, err := s.Get(t.Context(), key); !errors.Is(err, shared.ErrNoValue) {
		t.Errorf("Load = %v by the next caller, want %v", err, shared.ErrNoValue)
	}
}
