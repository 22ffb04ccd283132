package shared_test

import (
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

// wantLost fails the test unless Get fails with ErrStoreLost between the two times.
func wantLost(t *testing.T, s *shared.Store, after, before time.Duration) {
	t.Helper()
	start := time.Now()
	_, err := s.Get(t.Context(), key)
	if took := time.Since(start); !errors.Is(err, shared.ErrStoreLost) || took < after || took > before {
		t.Errorf("Get = %v after %v, want %v after %v to %v", err, took, shared.ErrStoreLost, after, before)
	}
}

func TestStore_ReconnectsAfterRestart(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	server.Kill()
	var log logBuffer
	cfg := server.Config()
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	s := cachetest.Open(t, cfg)
	var reconnected recorder
	s.Subscribe(shared.TopicReconnected, reconnected.add)
	cachetest.Until(t, "a warning", func() bool { return log.String() != "" })
	server.Restart()
	cachetest.Until(t, "the store is up", s.Up)
	wantMessages(t, &reconnected, "")

	server.Kill()
	cachetest.Until(t, "the loss is detected", func() bool { return !s.Up() })
	for range 100 {
		wantLost(t, s, 0, 20*time.Millisecond)
	}
	server.Restart()
	cachetest.Until(t, "the store is back", s.Up)
	wantMessages(t, &reconnected, "", "")
	if err := s.Set(t.Context(), key, []byte("1"), time.Minute); err != nil {
		t.Errorf("Set = %v after the restart", err)
	}
	wantValue(t, s, key, "1")
	got := log.String()
	if strings.Count(got, "\n") != 4 || strings.Count(got, `level=WARN msg="shared store is unreachable; continuing without it"`) != 2 ||
		strings.Count(got, `level=INFO msg="shared store is reachable again"`) != 2 {
		t.Errorf("log =\n%swant the loss and the return, twice each", got)
	}
}

func TestStore_FailsFastWhenServerHangs(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s := cachetest.Join(t, server.Config())
	server.Freeze()
	wantLost(t, s, 1900*time.Millisecond, 3*time.Second) // a slow server is waited for
	if s.Up() {
		t.Error("Up() = true after a call without an answer, want false")
	}
	for range 100 {
		wantLost(t, s, 0, 20*time.Millisecond)
	}
	server.Thaw()
	cachetest.Until(t, "the store is back", s.Up)
	if _, err := s.Get(t.Context(), key); !errors.Is(err, shared.ErrNoValue) {
		t.Errorf("Get = %v after Thaw, want %v", err, shared.ErrNoValue)
	}
}

func TestStore_HeartbeatDetectsHungServer(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s := cachetest.Join(t, server.Config())
	server.Freeze()
	frozen := time.Now()
	cachetest.Until(t, "the loss is detected", func() bool { return !s.Up() })
	if took := time.Since(frozen); took > 5*time.Second {
		t.Errorf("loss detected after %v, want at most a heartbeat and its timeout", took)
	}
}

// If one socket alone reconnected, messages published meanwhile would be missed.
func TestStore_OneLostSocketLosesConnection(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"normal", "pubsub"} {
		server := cachetest.StartServer(t)
		s := cachetest.Join(t, server.Config())
		var reconnected recorder
		s.Subscribe(shared.TopicReconnected, reconnected.add)
		before := len(reconnected.all())
		if _, err := server.Do("CLIENT", "KILL", "TYPE", kind); err != nil {
			t.Fatal(err)
		}
		cachetest.Until(t, "the store has reconnected after losing its "+kind+" sockets", func() bool {
			return len(reconnected.all()) > before && s.Up()
		})
	}
}

func TestStore_LogsLossOnce(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var attempts atomic.Int32
	go func() {
		for conn, err := listener.Accept(); err == nil; conn, err = listener.Accept() {
			attempts.Add(1)
			conn.Write([]byte("-ERR what do you mean by AUTH default s3cret?\r\n")) // as some servers do
			conn.Close()
		}
	}()
	var log logBuffer
	cfg := configOf("redis://:s3cret@" + listener.Addr().String())
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	s := cachetest.Open(t, cfg)
	cachetest.Until(t, "three attempts", func() bool { return attempts.Load() >= 3 })
	s.Close()
	got := log.String()
	if strings.Count(got, "\n") != 1 || !strings.Contains(got, "AUTH default …?") || strings.Contains(got, "s3cret") {
		t.Errorf("log =\n%swant one line without the password", got)
	}
}

func TestOpen_WithoutServer(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	server.Kill()
	start := time.Now()
	s := cachetest.Open(t, server.Config())
	if took := time.Since(start); took > 50*time.Millisecond {
		t.Errorf("Open took %v without a server, want no delay", took)
	}
	var reconnected recorder
	s.Subscribe(shared.TopicReconnected, reconnected.add)
	wantLost(t, s, 0, 20*time.Millisecond)
	if got := s.Replicas(); got != 3 {
		t.Errorf("Replicas() = %d before the first connect, want 3", got)
	}
	server.Restart()
	cachetest.Until(t, "the store is up", s.Up)
	wantMessages(t, &reconnected, "")
}

func TestClose_WithoutServer(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	for _, lose := range []func(){server.Freeze, server.Kill} {
		lose()
		s := cachetest.Open(t, server.Config())
		time.Sleep(20 * time.Millisecond) // so that Close meets a connection attempt
		start := time.Now()
		s.Close()
		if took := time.Since(start); took > 500*time.Millisecond {
			t.Errorf("Close took %v while connecting, want no delay", took)
		}
	}
}

func TestStore_ServerKilledUnderLoad(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s := cachetest.Join(t, server.Config())
	long := make([]byte, 4<<20)
	ended := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			for {
				select {
				case <-ended:
					return
				default:
				}
				var err error
				if i == 0 {
					err = s.Set(t.Context(), "long", long, time.Minute)
				} else if _, err = s.Get(t.Context(), "long"); errors.Is(err, shared.ErrNoValue) {
					err = nil
				}
				if errors.Is(err, shared.ErrStoreLost) {
					time.Sleep(10 * time.Millisecond)
				} else if err != nil {
					t.Errorf("%v, want success or %v", err, shared.ErrStoreLost)
				}
			}
		})
	}
	time.Sleep(100 * time.Millisecond)
	server.Kill()
	cachetest.Until(t, "the loss is detected", func() bool { return !s.Up() })
	close(ended)
	wg.Wait()
	server.Restart()
	cachetest.Until(t, "the store is back", s.Up)
}
