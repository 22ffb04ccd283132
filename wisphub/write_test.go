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

// The caller leaves after the request was sent, so the outcome is unknown.
func TestWrite_Cancelled(t *testing.T) {
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

// All of the body may have arrived before the connection broke.
func TestWrite_ConnectionBreaksWhileSending(t *testing.T) {
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

// A write has its own priority, whatever its context says.
func TestWrite_Priority(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/", reply(202, jsonType, `{"task_id": "x"}`))
	var checked atomic.Int32
	ctx := ratelimit.WithPriority(t.Context(), func() ratelimit.Priority {
		checked.Add(1)
		return ratelimit.PriorityBackground
	})
	if err := ping(ctx, api); err != nil || checked.Load() != 0 {
		t.Errorf("Ping = %v with %d checks of the context's priority, want no error and none", err, checked.Load())
	}
	c := api.newWrite("POST", payload{}, anyAnswer, "x")
	permit, err := api.take(ratelimit.WithPriority(t.Context(), func() ratelimit.Priority { return ratelimit.PriorityWrite }), c)
	if err != nil || permit.Priority() != ratelimit.PriorityWrite {
		t.Fatalf("take() = %v, %v, want a permit of PriorityWrite", permit, err)
	}
	permit.Release()
}

// The wait for the budget does not shorten the time for the answer.
func TestWrite_WaitDoesNotShortenTheAnswer(t *testing.T) {
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
		checkOutcome(t, ping(t.Context(), api), ErrBudget, false) // this wait would exceed the timeout
	})
}

// Redaction comes before shortening: a cut could leave half of the key.
func TestWrite_KeyIsRedactedInFields(t *testing.T) {
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
	for name, texts := range refusal.Fields {
		if strings.Contains(name+texts[0]+err.Error(), testKey[:8]) {
			t.Errorf("Fields[%s] = %s, want it without the key", name, texts[0])
		}
	}
}
