package wisphubtest_test

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

const pipeTimeout = 7 * time.Second

// inMemory runs test in a bubble, with a simulated WispHub and an API connected in memory.
func inMemory(t *testing.T, clients int, test func(*testing.T, *wisphubtest.Server, *wisphub.API)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		upstream := wisphubtest.New(wisphubtest.Config{Clients: clients, Seed: 1})
		t.Cleanup(upstream.Close)
		api := open(t, wisphubtest.Pipe(upstream))
		test(t, upstream, api)
	})
}

func open(t *testing.T, pipe *wisphubtest.PipeServer) *wisphub.API {
	t.Helper()
	api, err := wisphub.New(wisphub.Config{
		Host: "http://wisphub.test", Key: wisphubtest.Key, Timeout: pipeTimeout, Dial: pipe.Dial,
		MinuteLimit: 1_000_000, HourLimit: 1_000_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		api.Close()
		pipe.Close()
	})
	return api
}

func list(t *testing.T, api *wisphub.API, limit int) error {
	t.Helper()
	_, err := api.Clients.List(t.Context(), wisphub.ClientListOptions{ListOptions: wisphub.ListOptions{Limit: limit}})
	return err
}

func TestPipe_Responds(t *testing.T) {
	t.Parallel()
	inMemory(t, 700, func(t *testing.T, _ *wisphubtest.Server, api *wisphub.API) {
		page, err := api.Clients.List(t.Context(), wisphub.ClientListOptions{ListOptions: wisphub.ListOptions{Limit: 300}})
		if err != nil || len(page.Rows) != 300 || page.Count != 700 {
			t.Errorf("List() = %v, want 300 of 700 clients", err)
		}
	})
}

// A hanging call ends exactly at its timeout, because only the bubble's clock runs.
func TestPipe_HangingCall(t *testing.T) {
	t.Parallel()
	inMemory(t, 10, func(t *testing.T, upstream *wisphubtest.Server, api *wisphub.API) {
		upstream.SetFaults(wisphubtest.Faults{HangRate: 1})
		began := time.Now()
		if err := list(t, api, 10); !errors.Is(err, wisphub.ErrTimeout) {
			t.Errorf("List() = %v, want ErrTimeout", err)
		}
		if took := time.Since(began); took != pipeTimeout {
			t.Errorf("List() took %v, want %v", took, pipeTimeout)
		}
	})
}

// The latency passes on the bubble's clock, which an idle connection does not stop.
func TestPipe_KeepAlive(t *testing.T) {
	t.Parallel()
	inMemory(t, 10, func(t *testing.T, upstream *wisphubtest.Server, api *wisphub.API) {
		upstream.SetFaults(wisphubtest.Faults{Latency: 600 * time.Millisecond})
		began := time.Now()
		for range 3 {
			if err := list(t, api, 10); err != nil {
				t.Fatal(err)
			}
			time.Sleep(24 * time.Hour)
		}
		if took, want := time.Since(began), 3*(24*time.Hour+600*time.Millisecond); took != want {
			t.Errorf("three calls and three days took %v, want %v", took, want)
		}
	})
}

// Close ends hanging calls. Later calls fail as if no process listened.
func TestPipe_Close(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var left atomic.Int32
		pipe := wisphubtest.Pipe(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			left.Add(1)
		}))
		api := open(t, pipe)
		var calls sync.WaitGroup
		for range 3 {
			calls.Go(func() {
				if err := list(t, api, 10); !errors.Is(err, wisphub.ErrUnavailable) {
					t.Errorf("List() during Close = %v, want ErrUnavailable", err)
				}
			})
		}
		synctest.Wait()
		pipe.Close()
		if left.Load() != 3 {
			t.Errorf("%d handlers had ended when Close returned, want 3", left.Load())
		}
		calls.Wait()
		if err := list(t, api, 10); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("List() after Close = %v, want ECONNREFUSED", err)
		}
	})
}

// A thousand calls in sequence must be fast, even with the race detector.
func TestPipe_ThousandCalls(t *testing.T) {
	t.Parallel()
	inMemory(t, 1, func(t *testing.T, upstream *wisphubtest.Server, api *wisphub.API) {
		for range 1_000 {
			if err := list(t, api, 1); err != nil {
				t.Fatal(err)
			}
		}
		if upstream.Total() != 1_000 {
			t.Errorf("Total() = %d, want 1000", upstream.Total())
		}
	})
}

// BenchmarkPipe reads pages of 300 clients, about 600 kB each.
func BenchmarkPipe(b *testing.B) {
	pipe := wisphubtest.Pipe(wisphubtest.New(wisphubtest.Config{Clients: 300, Seed: 1}))
	defer pipe.Close()
	transport := &http.Transport{DialContext: pipe.Dial}
	defer transport.CloseIdleConnections()
	for b.Loop() {
		request, err := http.NewRequest(http.MethodGet, "http://wisphub.test/api/clientes/?limit=300", nil)
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("Authorization", "Api-Key "+wisphubtest.Key)
		response, err := transport.RoundTrip(request)
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, response.Body)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(n)
		_ = response.Body.Close()
	}
}
