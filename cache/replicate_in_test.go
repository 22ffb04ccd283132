package cache_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

// stored is the name in the store of the published value of key.
const stored = `plans/"` + key + `"`

func TestReplicas_StoreLostDuringLoad(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	load, began, proceed := blockingLoader()
	storeA, a := replica(t, server, options(), load)
	storeB, b := replica(t, server, options(), load)
	up := func() bool { return storeA.Up() && storeB.Up() }
	var waiters sync.WaitGroup
	waiters.Go(func() { wantGet(t, a, 1, false) })
	<-began
	waiters.Go(func() { wantGet(t, b, 2, false) })
	server.Kill()
	<-began // of b, without the store
	proceed <- struct{}{}
	proceed <- struct{}{}
	waiters.Wait()

	server.Restart()
	cachetest.Until(t, "the store is back", up)
	proceed <- struct{}{}
	refresh(t, a, 3)
	untilValue(t, b, 3)
}

// Of two loads without the store, the one that began later has the newer value.
func TestReplicas_LateLoadKeepsNewerValue(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	loadA, beganA, letGoA := blockingLoader()
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
	storeA.Subscribe(shared.TopicValues, func(text string) { values <- text }) // called after the cache's own
	src := realTimeSource(t)
	src.set(7, nil)
	_, b := replica(t, server, options(), src.load)
	wantGet(t, b, 7, false)
	if got := <-values; got != stored {
		t.Errorf("message on %q = %q, want %q", shared.TopicValues, got, stored)
	}
	letGoA <- struct{}{}
	<-ended
	untilValue(t, a, 7)
}

func TestReplicas_HolderCrashes(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.LoadTimeout = 500 * time.Millisecond // shorter than the lease: waiting does not count as loading
	server := cachetest.StartServer(t)
	hung, began, _ := blockingLoader()
	src := realTimeSource(t)
	store, a := replica(t, server, opts, hung)
	_, b := replica(t, server, opts, src.load)
	go a.Get(t.Context(), key)
	<-began
	store.Close() // keeps its leases
	start := time.Now()
	wantGet(t, b, 1, false)
	if took := time.Since(start); took < 200*time.Millisecond || took > 2*time.Second {
		t.Errorf("Get took %v, want about the 600 ms of the lease", took)
	}
}

// A replica whose loader ignores its timeout is waited for only so long.
func TestReplicas_HolderHangs(t *testing.T) {
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
	_, b := replica(t, server, opts, realTimeSource(t).load)
	go a.Get(t.Context(), key)
	<-began
	start := time.Now()
	wantGet(t, b, 1, false)
	if took := time.Since(start); took < 800*time.Millisecond || took > 3*time.Second {
		t.Errorf("waited %v, want LoadTimeout and LeaseTTL, 900 ms", took)
	}
}

func TestReplicas_Close(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	load, began, _ := blockingLoader()
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
			t.Errorf("Close took %v, want no delay", took)
		}
	}
	waiters.Wait()
	wantNoLoad(t, began)
}

func wantNoLoad(t *testing.T, began chan int) {
	t.Helper()
	select {
	case n := <-began:
		t.Errorf("load %d began, want none", n)
	default:
	}
}

func TestReplicas_Expire(t *testing.T) {
	t.Parallel()
	src, a, b := pair(t, options())
	wantGet(t, a, 1, false)
	wantGet(t, b, 1, false)
	src.set(2, nil)
	a.Expire()
	cachetest.Until(t, "the value of the other replica is stale", func() bool { got, _ := b.Peek(key); return got.Stale })
	wantGet(t, b, 1, true)
	if got := untilValue(t, b, 2); got.Stale {
		t.Errorf("memory holds %+v after a refresh, want it fresh", got)
	}
	untilValue(t, a, 2)
	wantLoads(t, src, 2)
}

func TestReplicas_ExpireOfClockAhead(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	src := realTimeSource(t)
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

// A value invalidated while the store was lost must not come back with it.
func TestReplicas_InvalidateWhileStoreLost(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	src := realTimeSource(t)
	store, a := replica(t, server, options(), src.load)
	wantGet(t, a, 1, false)
	cachetest.Until(t, "the value is published", func() bool {
		_, err := store.Get(t.Context(), stored)
		return err == nil
	})
	src.set(2, nil)
	server.Freeze()
	store.Get(t.Context(), key) // loses the store, so that Invalidate sends nothing
	a.Invalidate(key)
	server.Thaw()
	cachetest.Until(t, "the store is back", store.Up)
	wantGet(t, a, 2, false)
}

// Get must return the right value, whatever is in the store.
func TestReplicas_IgnoreUnusableValues(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	src := realTimeSource(t)
	s := cachetest.Join(t, server.Config())
	_, writer := replica(t, server, options(), func(context.Context, string) (int, error) { return 5, nil })
	wantGet(t, writer, 5, false)
	writer.Close() // waits until it has published
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
		"empty":               {},
		"truncated":           good[:len(good)-1],
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
			t.Errorf("%s: Get = %+v, %v, want 1 from its own load", name, got, err)
		}
		c.Close() // waits until it has published
	}
	if err := s.Set(t.Context(), stored, entry(key, now, body), time.Minute); err != nil {
		t.Fatal(err)
	}
	_, c := replica(t, server, options(), src.load)
	wantGet(t, c, 5, false) // proves that the entries above are well formed
}

func sealedSize(t *testing.T, entry []byte) int {
	t.Helper()
	var head struct{ Size int }
	if err := json.NewDecoder(bytes.NewReader(entry)).Decode(&head); err != nil {
		t.Fatal(err)
	}
	return head.Size
}

func TestReplicas_EncodingError(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	opts := options()
	reported := make(chan error, 1)
	opts.OnRefreshError = func(_ any, err error) { reported <- err }
	c := cache.New(opts, realTimeSource(t).load)
	defer c.Close()
	codec := decimal
	codec.Encode = func(int) ([]byte, error) { return nil, errDown }
	c.Persist(codec, joinShortLeases(t, server))
	wantGet(t, c, 1, false)
	if err := <-reported; !errors.Is(err, errDown) {
		t.Errorf("OnRefreshError = %v, want %v", err, errDown)
	}
	_, b := replica(t, server, options(), realTimeSource(t).load)
	wantGet(t, b, 1, false) // the lease was released
}
