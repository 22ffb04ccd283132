package wisphub

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/ratelimit"
	"wisphub-graphql/wisphub/wisphubtest"
)

// A caller who goes away after the request was sent does not know either.
func TestWriteCancelled(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	api := open(t, Config{Host: serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		hang("")(w, r)
	}))})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	checkOutcome(t, ping(ctx, api), context.Canceled, true)
}

// A connection that dies under the body may have brought all of it.
func TestWriteBreaksOffWhileSending(t *testing.T) {
	t.Parallel()
	api := open(t, Config{Host: "http://wisphub.invalid", Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			server.Read(make([]byte, 10))
			server.Close()
		}()
		return client, nil
	}})
	checkOutcome(t, ping(t.Context(), api), ErrUnavailable, true)
}

// A write goes before reads and background work, whatever its context says.
func TestWriteRank(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/", reply(202, jsonType, `{"task_id": "x"}`))
	var asked atomic.Int32
	ctx := ratelimit.WithPriority(t.Context(), func() ratelimit.Priority {
		asked.Add(1)
		return ratelimit.PriorityBackground
	})
	if err := ping(ctx, api); err != nil || asked.Load() != 0 {
		t.Errorf("Ping = %v, the context's rank was asked %d times, want no error and never", err, asked.Load())
	}
	c := api.newWrite("POST", payload{}, anyAnswer, "x")
	granted, err := api.take(ratelimit.WithPriority(t.Context(), func() ratelimit.Priority { return ratelimit.PriorityWrite }), c)
	if err != nil || granted.Priority() != ratelimit.PriorityWrite {
		t.Fatalf("take = %v, %v, want a permit of PriorityWrite", granted, err)
	}
	granted.Release()
}

// A write that had to wait for the budget has all of its time for the answer nevertheless.
func TestWriteWaitsAndHasItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		pipe := wisphubtest.Pipe(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(9 * time.Second)
			reply(202, jsonType, `{"task_id": "x"}`)(w, r)
		}))
		defer pipe.Close()
		api := open(t, Config{Host: "http://wisphub.invalid", Dial: pipe.Dial, MinuteLimit: 1, Timeout: 10 * time.Second})
		api.Restore([]ratelimit.Call{{ID: "one", At: time.Now().Add(-52 * time.Second)}})
		if err := ping(t.Context(), api); err != nil {
			t.Errorf("Ping after 8 s of waiting, answered in 9 = %v, want no error", err)
		}
		checkOutcome(t, ping(t.Context(), api), ErrBudget, false) // not for a wait that is longer than a call may be
	})
}

// The key is struck out before the words are cut, or half of it would stay at the end.
func TestKeyIsStruckOutOfFields(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	long := strings.Repeat("x", maxDetail-20)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		repeated := r.Header.Get("Authorization")
		reply(400, jsonType, `{"pings": ["`+repeated+`"], "otro": "`+long+repeated+`", "`+repeated+`": ["x"]}`)(w, r)
	})
	err := ping(t.Context(), api)
	refusal, _ := errors.AsType[*Error](err)
	if refusal == nil || len(refusal.Fields) != 3 || refusal.Fields["pings"][0] != "Api-Key [key]" {
		t.Fatalf("Ping = %+v, want a refusal of three fields without the key", err)
	}
	for name, words := range refusal.Fields {
		if strings.Contains(name+words[0]+err.Error(), testKey[:8]) {
			t.Errorf("the refusal tells of the key: %s: %s", name, words[0])
		}
	}
}
