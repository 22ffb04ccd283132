package shared_test

import (
	"context"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/wisphub/ratelimit"
)

// cable connects one replica to the server, and can be cut.
type cable struct {
	listener net.Listener
	running  sync.WaitGroup

	mu    sync.Mutex // guards what follows
	isCut bool
	conns []net.Conn
}

func startCable(t *testing.T, server *cachetest.Server) *cable {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{listener: listener}
	c.running.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", server.Address())
			if err != nil {
				near.Close()
				continue
			}
			c.connect(near, far)
		}
	})
	t.Cleanup(func() {
		listener.Close()
		c.cut(true)
		c.running.Wait()
	})
	return c
}

func (c *cable) connect(near, far net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns = append(c.conns, near, far)
	if c.isCut {
		near.Close()
		far.Close()
	}
	forward := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		to.Close()
	}
	c.running.Go(func() { forward(near, far) })
	c.running.Go(func() { forward(far, near) })
}

func (c *cable) cut(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isCut = cut
	if cut {
		for _, conn := range c.conns {
			conn.Close()
		}
		c.conns = nil
	}
}

// budgetBed has two replicas with 60 calls a minute for both.
type budgetBed struct {
	server   *cachetest.Server
	cable    *cable // of the first replica
	limiters [2]*ratelimit.Limiter
	sent     [2]atomic.Int32
}

const budgetLimit = 60

func startBudget(t *testing.T) *budgetBed {
	t.Helper()
	b := &budgetBed{server: cachetest.StartServer(t)}
	b.cable = startCable(t, b.server)
	for i, url := range []string{"redis://" + b.cable.listener.Addr().String(), b.server.URL()} {
		config := b.server.Config()
		config.URL = url
		log := cachetest.Join(t, config).Ledger("budget", ratelimit.MinuteWindow, ratelimit.HourWindow)
		b.limiters[i] = ratelimit.New(ratelimit.Options{
			MinuteLimit: budgetLimit, HourLimit: 1000, Timeout: 10 * time.Second, Log: log,
		})
		t.Cleanup(b.limiters[i].Close)
	}
	return b
}

// spend makes a replica send as many calls as it may, until ctx ends.
func (b *budgetBed) spend(ctx context.Context, replica int) {
	ctx = ratelimit.WithPriority(ctx, func() ratelimit.Priority { return ratelimit.PriorityWrite })
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for background.Sleep(ctx, 20*time.Millisecond) == nil {
				call, cancel := context.WithTimeout(ctx, 3*time.Second)
				if permit, err := b.limiters[replica].Take(call); err == nil {
					b.sent[replica].Add(1)
					permit.Release()
				}
				cancel()
			}
		})
	}
	group.Wait()
}

// The replicas never send more than 60 calls together, and lose few of them: one busy replica gets
// nearly all beside an idle one.
func Test14_7_Budget_WithFaults(t *testing.T) {
	t.Parallel()
	every := func(ctx context.Context, fault func(i int)) {
		for i := 0; background.Sleep(ctx, 500*time.Millisecond) == nil; i++ {
			fault(i)
		}
	}
	tests := map[string]struct {
		fault func(ctx context.Context, b *budgetBed)
		idle  bool // the first replica
		least int32
	}{
		"calm, one idle":       {func(context.Context, *budgetBed) {}, true, 58},
		"calm":                 {func(context.Context, *budgetBed) {}, false, 58},
		"one cut off":          {func(_ context.Context, b *budgetBed) { b.cable.cut(true) }, false, 55},
		"one cut off and idle": {func(_ context.Context, b *budgetBed) { b.cable.cut(true) }, true, 30},
		"one flapping": {func(ctx context.Context, b *budgetBed) {
			every(ctx, func(i int) { b.cable.cut(i%2 == 0) })
		}, false, 45},
		"flushed every second": {func(ctx context.Context, b *budgetBed) {
			every(ctx, func(i int) {
				if i%2 == 0 {
					b.server.Do("FLUSHALL")
				}
			})
		}, false, 45},
		"killed": {func(_ context.Context, b *budgetBed) { b.server.Kill() }, false, 58},
	}
	beds := map[string]*budgetBed{}
	for name := range tests {
		beds[name] = startBudget(t)
	}
	time.Sleep(7 * time.Second) // 5 s after its creation, a ledger counts the replicas
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	var group sync.WaitGroup
	for name, bed := range beds {
		group.Go(func() { tests[name].fault(ctx, bed) })
		for i := range bed.limiters {
			if i == 1 || !tests[name].idle {
				group.Go(func() { bed.spend(ctx, i) })
			}
		}
	}
	group.Wait()
	for name, bed := range beds {
		first, second := bed.sent[0].Load(), bed.sent[1].Load()
		t.Logf("%s: %d + %d calls", name, first, second)
		if sum, least := first+second, tests[name].least; sum > budgetLimit || sum < least {
			t.Errorf("%s: %d + %d calls, want %d to %d", name, first, second, least, budgetLimit)
		}
	}
}
