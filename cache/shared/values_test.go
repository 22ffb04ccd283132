package shared_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

func TestValues_SetGetDelete(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	for _, protocol := range []string{"", "?protocol=2"} {
		a := cachetest.Open(t, configOf(server.URL()+protocol))
		b := cachetest.Open(t, configOf(server.URL()+"/"+protocol))
		cachetest.Until(t, "both are up", func() bool { return a.Up() && b.Up() })
		for name, value := range map[string]string{
			"empty":         "",
			"short":         "a\x00b\r\n",
			"longest short": strings.Repeat("x", 64<<10),
			"long":          strings.Repeat("y", 64<<10+1),
			"longest":       strings.Repeat("z", 64<<20),
		} {
			if err := a.Set(t.Context(), name, []byte(value), time.Minute); err != nil {
				t.Errorf("Set(%q) = %v", name, err)
			}
			wantValue(t, b, name, value)
			if err := b.Delete(t.Context(), name); err != nil {
				t.Errorf("Delete(%q) = %v", name, err)
			}
			if got, err := a.Get(t.Context(), name); !errors.Is(err, shared.ErrNoValue) {
				t.Errorf("Get(%q) = %d bytes, %v after Delete, want %v", name, len(got), err, shared.ErrNoValue)
			}
		}
	}
}

func TestSet_ValueExpires(t *testing.T) {
	t.Parallel()
	s := cachetest.Join(t, cachetest.StartServer(t).Config())
	stored := time.Now()
	if err := s.Set(t.Context(), key, []byte("1"), 200*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	wantValue(t, s, key, "1")
	cachetest.Until(t, "the value has expired", func() bool {
		_, err := s.Get(t.Context(), key)
		return errors.Is(err, shared.ErrNoValue)
	})
	if age := time.Since(stored); age < 190*time.Millisecond {
		t.Errorf("the value expired after %v, want 200 ms", age)
	}
}

func TestValues_TooLarge(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	s := cachetest.Join(t, server.Config())
	tooLarge := make([]byte, 64<<20+1)
	if err := s.Set(t.Context(), key, tooLarge, time.Minute); !errors.Is(err, shared.ErrValueTooLarge) {
		t.Errorf("Set(64 MiB and a byte) = %v, want %v", err, shared.ErrValueTooLarge)
	}
	if _, err := server.Do("SETRANGE", cachetest.Namespace+":value:"+key, fmt.Sprint(64<<20), "x"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), key); !errors.Is(err, shared.ErrValueTooLarge) {
		t.Errorf("Get = %d bytes, %v, want %v", len(got), err, shared.ErrValueTooLarge)
	}
	if !s.Up() {
		t.Error("Up() = false after too large values, want true")
	}
}

func TestOnce_AdmitsOnePerPeriod(t *testing.T) {
	t.Parallel()
	const period = 300 * time.Millisecond
	server := cachetest.StartServer(t)
	replicas := []*shared.Store{cachetest.Join(t, server.Config()), cachetest.Join(t, server.Config()), cachetest.Join(t, server.Config())}
	var mu sync.Mutex
	var let []time.Time
	var wg sync.WaitGroup
	start := time.Now()
	for _, s := range replicas {
		wg.Go(func() {
			for time.Since(start) < 4*period {
				asked := time.Now()
				wait, err := s.Once(t.Context(), "look", period)
				if err != nil || wait < 0 || wait > period {
					t.Errorf("Once = %v, %v, want between 0 and %v", wait, err, period)
					return
				}
				if wait == 0 {
					mu.Lock()
					let = append(let, asked)
					mu.Unlock()
				}
				time.Sleep(wait)
			}
		})
	}
	wg.Wait()
	if len(let) < 3 || len(let) > 4 {
		t.Errorf("Once admitted %d callers in four periods, want 4 (3 on a slow machine)", len(let))
	}
}
