package cache_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

// stored is the name in the store of what is published for key.
const stored = `plans/"` + key + `"`

// gated returns a load that says when it has begun and answers n, the count of the loads, when it is let go.
func gated() (load load, began chan int, letGo chan struct{}) {
	var loads atomic.Int32
	began, letGo = make(chan int, 100), make(chan struct{}, 100)
	return func(ctx context.Context, _ string) (int, error) {
		n := int(loads.Add(1))
		began <- n
		select {
		case <-letGo:
			return n, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}, began, letGo
}

func TestStoreLostInTheMiddleOfALoad(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	load, began, letGo := gated()
	storeA, a := replica(t, server, options(), load)
	sharedB, b := replica(t, server, options(), load)
	up := func() bool { return storeA.Up() && sharedB.Up() }
	var waiters sync.WaitGroup
	waiters.Go(func() { wantGet(t, a, 1, false) })
	<-began
	waiters.Go(func() { wantGet(t, b, 2, false) })
	server.Kill()
	<-began // of b, for itself
	letGo <- struct{}{}
	letGo <- struct{}{}
	waiters.Wait()

	server.Restart()
	cachetest.Until(t, "the store is back", up)
	letGo <- struct{}{}
	refresh(t, a, 3)
	untilHeld(t, b, 3)
}

// Of two that read for themselves the one that began later is right.
func TestLateLoadDoesNotReplaceANewerValue(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	loadA, beganA, letGoA := gated()
	storeA, a := replica(t, server, options(), loadA)
	a.Set(key, 0)
	server.Kill()
	cachetest.Until(t, "the store is lost", func() bool { return !storeA.Up() })
	ended := make(chan struct{})
	go func() {
		a.Refresh(t.Context(), key)
		close(ended)
	}()
	<-beganA
	server.Restart()
	cachetest.Until(t, "the store is back", storeA.Up)
	values := make(chan string, 10)
	storeA.Subscribe(shared.TopicValues, func(text string) { values <- text }) // called after the cache's
	src := quick(t)
	src.set(7, nil)
	_, b := replica(t, server, options(), src.load)
	wantGet(t, b, 7, false)
	if got := <-values; got != stored {
		t.Errorf("message on %q = %q, want %q", shared.TopicValues, got, stored)
	}
	letGoA <- struct{}{}
	<-ended
	untilHeld(t, a, 7)
}

func TestReplicaThatVanishedIsSucceeded(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.LoadTimeout = 500 * time.Millisecond // less than the lease lasts: waiting is not loading
	server := cachetest.StartServer(t)
	hung, began, _ := gated()
	src := quick(t)
	store, a := replica(t, server, opts, hung)
	_, b := replica(t, server, opts, src.load)
	go a.Get(t.Context(), key)
	<-began
	store.Close() // releases no lease
	start := time.Now()
	wantGet(t, b, 1, false)
	if took := time.Since(start); took < 200*time.Millisecond || took > 2*time.Second {
		t.Errorf("succeeded after %v, want about the 600 ms of the lease", took)
	}
}

// A holder whose load does not heed its time-out is not waited for without end.
func TestReplicaThatHangsIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.LoadTimeout = 300 * time.Millisecond
	server := cachetest.StartServer(t)
	began, end := make(chan struct{}), make(chan struct{})
	_, a := replica(t, server, opts, func(context.Context, string) (int, error) {
		close(began)
		<-end
		return 0, errDown
	})
	defer close(end)
	_, b := replica(t, server, opts, quick(t).load)
	go a.Get(t.Context(), key)
	<-began
	start := time.Now()
	wantGet(t, b, 1, false)
	if took := time.Since(start); took < 800*time.Millisecond || took > 3*time.Second {
		t.Errorf("waited %v, want the longest load and lease, 900 ms", took)
	}
}

func TestCloseWithReplicas(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	load, began, _ := gated()
	_, a := replica(t, server, options(), load)
	_, b := replica(t, server, options(), load)
	var waiters sync.WaitGroup
	waiters.Go(func() { wantGetErr(t, a, cache.ErrClosed) })
	<-began
	waiters.Go(func() { wantGetErr(t, b, cache.ErrClosed) })
	cachetest.Until(t, "the other waits", func() bool { return b.Waiting(key) })
	for _, c := range []*cache.Cache[string, int]{b, a} {
		start := time.Now()
		c.Close()
		if took := time.Since(start); took > 500*time.Millisecond {
			t.Errorf("Close took %v", took)
		}
	}
	waiters.Wait()
	wantNoLoad(t, began)
}

func wantNoLoad(t *testing.T, began chan int) {
	t.Helper()
	select {
	case n := <-began:
		t.Errorf("load %d began", n)
	default:
	}
}

func TestExpireReachesReplicas(t *testing.T) {
	t.Parallel()
	src, a, b := pair(t, options())
	wantGet(t, a, 1, false)
	wantGet(t, b, 1, false)
	src.set(2, nil)
	a.Expire()
	cachetest.Until(t, "the other's value is stale", func() bool { got, _ := b.Peek(key); return got.Stale })
	wantGet(t, b, 1, true)
	if got := untilHeld(t, b, 2); got.Stale {
		t.Errorf("holds %+v after a refresh, want it fresh", got)
	}
	untilHeld(t, a, 2)
	wantLoads(t, src, 2)
}

func TestExpireOfAClockAhead(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	src := quick(t)
	_, a := replica(t, server, options(), src.load)
	wantGet(t, a, 1, false)
	s := cachetest.Join(t, server.Config())
	if err := s.Publish(t.Context(), "expire", "plans/"+time.Now().Add(time.Hour).Format(time.RFC3339Nano)); err != nil {
		t.Fatal(err)
	}
	cachetest.Until(t, "the value is stale", func() bool { got, _ := a.Peek(key); return got.Stale })
	refresh(t, a, 1)
	wantGet(t, a, 1, false)
}

// What was invalidated while nobody could hear it must not come back with the store.
func TestInvalidateWhileTheStoreIsLost(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	src := quick(t)
	store, a := replica(t, server, options(), src.load)
	wantGet(t, a, 1, false)
	cachetest.Until(t, "the value is published", func() bool {
		_, err := store.Get(t.Context(), stored)
		return err == nil
	})
	src.set(2, nil)
	server.Freeze()
	store.Get(t.Context(), key) // loses the store, so that it will not even find the request when it thaws
	a.Invalidate(key)
	server.Thaw()
	cachetest.Until(t, "the store is back", store.Up)
	wantGet(t, a, 2, false)
}

// Whatever is in the store, the value is right.
func TestReplicaTrustsNothingInTheStore(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	src := quick(t)
	s := cachetest.Join(t, server.Config())
	_, writer := replica(t, server, options(), func(context.Context, string) (int, error) { return 5, nil })
	wantGet(t, writer, 5, false)
	writer.Close() // once it has published
	good, err := s.Get(t.Context(), stored)
	if err != nil {
		t.Fatal(err)
	}
	entry := func(name string, asOf time.Time, body string) []byte {
		line, _ := json.Marshal(map[string]any{"key": name, "asOf": asOf, "size": len(body)})
		return append(append(line, '\n'), body...)
	}
	body := string(good[len(good)-sealedSize(t, good):])
	now := time.Now()
	for name, value := range map[string][]byte{
		"nothing":             {},
		"cut short":           good[:len(good)-1],
		"not sealed":          entry(key, now, "5"),
		"another key":         entry("other", now, body),
		"of tomorrow":         entry(key, now.Add(24*time.Hour), body),
		"past all limits":     entry(key, now.Add(-staleLimit), body),
		"of another cache":    entry(key, now, "kept"+body[4:40]+"x"+body[41:]),
		"larger than it says": []byte(`{"key":"` + key + `","size":-1}` + "\n" + body),
	} {
		if err := s.Set(t.Context(), stored, value, time.Minute); err != nil {
			t.Fatal(err)
		}
		_, c := replica(t, server, options(), src.load)
		if got, err := c.Get(t.Context(), key); err != nil || got.Value != 1 {
			t.Errorf("%s: Get = %+v, %v, want the 1 of its own load", name, got, err)
		}
		c.Close() // once it has published
	}
	if err := s.Set(t.Context(), stored, entry(key, now, body), time.Minute); err != nil {
		t.Fatal(err)
	}
	_, c := replica(t, server, options(), src.load)
	wantGet(t, c, 5, false) // the test is worth something
}

func sealedSize(t *testing.T, entry []byte) int {
	t.Helper()
	var head struct{ Size int }
	if err := json.NewDecoder(bytes.NewReader(entry)).Decode(&head); err != nil {
		t.Fatal(err)
	}
	return head.Size
}

// lasting is a value that sets its own time to live.
type lasting struct{ For time.Duration }

func (l lasting) Lasts() time.Duration { return l.For }

func TestReplicaKeepsHowLongAValueLasts(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	opts := options()
	opts.TTL, opts.StaleLimit = 20*time.Millisecond, 100*time.Millisecond
	var loads atomic.Int32
	open := func() *cache.Cache[string, lasting] {
		c := cache.New(opts, func(context.Context, string) (lasting, error) {
			loads.Add(1)
			return lasting{time.Minute}, nil
		})
		c.Persist(cache.Codec[lasting]{
			Encode: func(l lasting) ([]byte, error) { return fmt.Append(nil, int64(l.For)), nil },
			Decode: func(data []byte) (lasting, error) {
				n, err := strconv.ParseInt(string(data), 10, 64)
				return lasting{time.Duration(n)}, err
			},
		}, joinShort(t, server))
		t.Cleanup(c.Close)
		return c
	}
	a, b := open(), open()
	first, err := a.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	cachetest.Until(t, "the value is past the others' limits", func() bool { return time.Since(first.AsOf) > 2*opts.StaleLimit })
	for _, c := range []*cache.Cache[string, lasting]{a, b} {
		if got, err := c.Get(t.Context(), key); err != nil || got.Stale {
			t.Errorf("Get = %+v, %v, want it fresh for a minute", got, err)
		}
	}
	wantLoaded(t, &loads, 1)
}

func TestReplicasSayWhatTheyCannotPublish(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	opts := options()
	said := make(chan error, 1)
	opts.OnRefreshError = func(_ any, err error) { said <- err }
	c := cache.New(opts, quick(t).load)
	defer c.Close()
	codec := decimal
	codec.Encode = func(int) ([]byte, error) { return nil, errDown }
	c.Persist(codec, joinShort(t, server))
	wantGet(t, c, 1, false)
	if err := <-said; !errors.Is(err, errDown) {
		t.Errorf("OnRefreshError = %v, want %v", err, errDown)
	}
	_, b := replica(t, server, options(), quick(t).load)
	wantGet(t, b, 1, false) // nobody keeps the lease
}
