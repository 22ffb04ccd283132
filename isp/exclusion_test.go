package isp

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

// Both a known and an unknown record are stored again after a flush and a restart, before a lock can
// be had.
func Test14_6_KeysOutliveAFlush(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	join := func() *idempotency {
		cfg := server.Config()
		cfg.Regroup, cfg.Heartbeat = time.Second, 50*time.Millisecond
		return openIdempotency(t, cachetest.Join(t, cfg))
	}
	a, b, w := join(), join(), &countedWrite{result: &writeResult{ticketID: 7}}
	wantOnce(t, a, "known", w, createdTicket(7))
	breakOff(t, a, "broken off")
	for _, empty := range []func(){
		func() {
			if _, err := server.Do("FLUSHALL"); err != nil {
				t.Fatal(err)
			}
		},
		func() {
			server.Kill()
			server.Restart()
			cachetest.Until(t, "both are back", func() bool { return a.shared.Up() && b.shared.Up() })
		},
	} {
		empty()
		b.records.Invalidate(recordName(testAction, "", "known")) // as of a replica that missed the message
		wantOnce(t, b, "known", w, createdTicket(7))
		wantOnce(t, b, "broken off", w, unknownResult)
	}
	wantWriteCalls(t, w, 1)
}

// A flush in the middle of a write leaves the other replica waiting, and then the outcome is known.
func Test14_6_FlushInMidWrite(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	join := func() *idempotency {
		cfg := server.Config()
		cfg.Regroup, cfg.Heartbeat = time.Second, 50*time.Millisecond
		return openIdempotency(t, cachetest.Join(t, cfg))
	}
	a, b, w := join(), join(), &countedWrite{}
	key, other := "key", make(chan *writeResult, 1)
	got, err := once(t.Context(), a, testAction, &key, func(_ context.Context, sending func() error) (*writeResult, error) {
		if err := sending(); err != nil {
			return nil, err
		}
		if _, err := server.Do("FLUSHALL"); err != nil {
			t.Error(err)
		}
		result, err := once(t.Context(), b, testAction, &key, w.write)
		if err != nil {
			t.Error(err)
		}
		other <- result
		return &writeResult{ticketID: 7}, nil
	})
	if err != nil || got.ticketID != 7 {
		t.Errorf("once = %+v, %v, want ticket 7", got, err)
	}
	if got := <-other; got == nil || !got.unknown {
		t.Errorf("once = %+v at the other replica, want an unknown outcome", got)
	}
	wantOnce(t, b, key, w, createdTicket(7))
	wantWriteCalls(t, w, 0)
}

// A result that the store did not get while it was lost is there when it is back.
func Test14_6_ResultReachesTheStoreLater(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	proxy := cachetest.StartProxy(t, server)
	cfg := server.Config()
	cfg.URL = proxy.URL()
	a, b := openIdempotency(t, cachetest.Join(t, cfg)), openIdempotency(t, cachetest.Join(t, server.Config()))
	key, w := "key", &countedWrite{}
	_, err := once(t.Context(), a, testAction, &key, func(_ context.Context, sending func() error) (*writeResult, error) {
		if err := sending(); err != nil {
			return nil, err
		}
		proxy.Cut()
		return &writeResult{ticketID: 7}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	name := recordName(testAction, "", key)
	if record, err := b.load(t.Context(), name); err != nil || record == nil || record.Known {
		t.Errorf("load = %+v, %v while the first replica is cut off, want an unknown outcome", record, err)
	}
	proxy.Mend()
	cachetest.Until(t, "the other replica knows the result", func() bool {
		record, err := b.load(t.Context(), name)
		return err == nil && record.Known
	})
	wantOnce(t, b, key, w, createdTicket(7))
	wantWriteCalls(t, w, 0)
}

// A key that one replica has answered is remembered by the other, which needs no store for it.
func Test14_6_OtherReplicasRememberKeys(t *testing.T) {
	t.Parallel()
	server, a, b := openTwoReplicas(t)
	wantOnce(t, a, "key", &countedWrite{result: &writeResult{ticketID: 7}}, createdTicket(7))
	cachetest.Until(t, "the other replica remembers", func() bool { return b.loadLocal(recordName(testAction, "", "key")) != nil })
	server.Kill()
	wantOnce(t, b, "key", &countedWrite{}, createdTicket(7))
}

// What a process restored from its folder is in the store afterwards.
func Test14_6_RestoredKeysAreStored(t *testing.T) {
	t.Parallel()
	folder, err := cache.OpenFolder(t.TempDir(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	before := openIdempotency(t, nil)
	wantOnce(t, before, "key", &countedWrite{result: &writeResult{ticketID: 7}}, createdTicket(7))
	if _, err := before.records.Save(folder, 0); err != nil {
		t.Fatal(err)
	}
	_, a, b := openTwoReplicas(t)
	if n, err := a.records.Restore(folder); n != 1 || err != nil {
		t.Fatalf("Restore = %d, %v, want 1 record", n, err)
	}
	a.publish.storeAgain()
	cachetest.Until(t, "the record is stored", func() bool {
		record, err := b.loadShared(t.Context(), recordName(testAction, "", "key"))
		return err == nil && record != nil
	})
	wantOnce(t, b, "key", &countedWrite{}, createdTicket(7))
}

// Without the store, writes that need exclusion are refused before anything is sent. Others are not.
func Test14_6_WritesWithoutTheStore(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	store := cachetest.Join(t, server.Config())
	upstream, address := simulate(t, 30)
	provider, _ := connectWith(t, address, func(cfg *Config) { cfg.Shared = store })
	ctx, id, ticket := t.Context(), upstream.IDs()[0], upstream.TicketIDs()[0]
	if err := provider.Clients.Warm(ctx); err != nil {
		t.Fatal(err)
	}
	key, status := "key", TicketClosed
	writes := map[string]func() error{
		"a ticket in a zone": func() error {
			_, err := provider.Tickets.Create(ctx, CreateTicketInput{ServiceID: id, Subject: "x", Description: "y"})
			return err
		},
		"an answer": func() error {
			_, err := provider.Tickets.Answer(ctx, AnswerTicketInput{TicketID: ticket, Text: "z", IdempotencyKey: &key})
			return err
		},
		"a change of a ticket": func() error {
			_, err := provider.Tickets.Update(ctx, UpdateTicketInput{TicketID: ticket, Status: &status})
			return err
		},
	}
	for name, write := range writes {
		if err := write(); err != nil && name == "a ticket in a zone" {
			t.Fatalf("%s = %v with the store, want nil", name, err)
		}
	}
	server.Kill()
	key = "another key"
	upstream.Reset()
	for name, write := range writes {
		fetch := (*FetchError)(nil)
		if err := write(); !errors.Is(err, ErrNoExclusion) || !errors.Is(err, ErrUpstreamUnavailable) || !errors.As(err, &fetch) || fetch.RetryAfter <= 0 {
			t.Errorf("%s = %v without the store, want %v", name, err, ErrNoExclusion)
		}
	}
	for _, request := range upstream.Log() {
		if request.Method != http.MethodGet {
			t.Errorf("%s %s was sent without the store, want nothing", request.Method, request.Path)
		}
	}
	if _, err := provider.Clients.Update(ctx, UpdateClientInput{ServiceID: id, City: new("Bello")}); err != nil {
		t.Errorf("Update of a client = %v without the store, want nil", err)
	}
}

// The wait for a zone's lock and for a key ends, and nothing is sent.
func Test14_12_WritesDoNotWaitForever(t *testing.T) {
	t.Parallel()
	bubbled(t, "locks", func(t *testing.T) {
		upstream, provider, _ := newLiteral(t, func(*Config) {})
		key, in := "key", CreateTicketInput{ServiceID: 26, Subject: "x", Description: "y"}
		for name, lock := range map[string]string{"a zone": "zone/2", "a key": recordName("createTicket", "", key)} {
			held, err := provider.mutations.locks.Acquire(t.Context(), lock)
			if err != nil {
				t.Fatal(err)
			}
			if in.IdempotencyKey = nil; name == "a key" {
				in.IdempotencyKey = &key
			}
			start, fetch := time.Now(), (*FetchError)(nil)
			_, err = provider.Tickets.Create(t.Context(), in)
			if !errors.Is(err, ErrBusy) || !errors.Is(err, ErrRateLimited) || !errors.As(err, &fetch) || fetch.RetryAfter <= 0 ||
				time.Since(start) > shared.AcquireTimeout+time.Second {
				t.Errorf("Create = %v after %v while another write holds %s, want %v", err, time.Since(start), name, ErrBusy)
			}
			held.Release()
		}
		if n := upstream.count("POST /tickets/"); n != 0 {
			t.Errorf("%d tickets were sent, want none", n)
		}
		wantNoLocks(t, provider.mutations.locks)
	})
}
