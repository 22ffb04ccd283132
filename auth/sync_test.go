package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// bus connects replicas in memory.
type bus struct {
	members   []*member
	published []string
	err       error // of Publish; nothing is delivered unless it is nil
}

// member is the PubSub of one replica.
type member struct {
	bus    *bus
	topic  string
	handle func(string)
}

var _ PubSub = (*member)(nil)

func (b *bus) join() *member {
	m := &member{bus: b}
	b.members = append(b.members, m)
	return m
}

func (m *member) Publish(ctx context.Context, topic, message string) error {
	m.bus.published = append(m.bus.published, message)
	for _, other := range m.bus.members {
		if other != m && other.topic == topic && m.bus.err == nil && ctx.Err() == nil {
			other.handle(message)
		}
	}
	return m.bus.err
}

func (m *member) Subscribe(topic string, handle func(string)) (stop func()) {
	m.topic, m.handle = topic, handle
	return func() { m.topic = "" }
}

func TestSyncLogins_ReplicasCountTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		messages := &bus{}
		a, b := newService(t), newService(t)
		a.SyncLogins(messages.join())
		b.SyncLogins(messages.join())
		fail(t, a, office, "ana", freeAccountFailures-1)
		fail(t, b, elsewhere, "ana", 1)
		for name, service := range map[string]*Service{"a": a, "b": b} {
			if got := delay(t, service, office, "ana"); got != time.Second {
				t.Errorf("delay of ana on replica %s = %v, want 1s", name, got)
			}
		}
		time.Sleep(time.Second)
		wantLogin(t, b, office, "ana", anasPassword, nil)
		fail(t, a, elsewhere, "ana", freeAccountFailures)
		// The office is known on a since the login on b.
		wantLogin(t, a, office, "ana", anasPassword, nil)
		for n := range freeAddressFailures {
			fail(t, b, elsewhere, fmt.Sprintf("name %d", n), 1)
			if delay(t, a, elsewhere, "eva") > 0 {
				break
			}
		}
		if delay(t, a, elsewhere, "eva") == 0 {
			t.Error("delay of the address on replica a = 0s after failures on b, want a delay")
		}
		for _, message := range messages.published {
			// Hashes may contain ana by chance, but no quotes, spaces or dots.
			for _, secret := range []string{`"ana"`, office, elsewhere, "name "} {
				if strings.Contains(message, secret) {
					t.Errorf("message contains %s: %s", secret, message)
				}
			}
		}
	})
}

func TestSyncLogins_Disconnected(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		messages := &bus{err: errors.New("disconnected")}
		a, b := newService(t), newService(t)
		a.SyncLogins(messages.join())
		stop := b.SyncLogins(messages.join())
		fail(t, b, office, "leo", freeAccountFailures)
		if onA, onB := delay(t, a, office, "leo"), delay(t, b, office, "leo"); onA != 0 || onB == 0 {
			t.Errorf("delays on a, b = %v, %v after failures on b while disconnected, want one on b alone", onA, onB)
		}
		messages.err = nil
		stop()
		fail(t, a, office, "zoe", freeAccountFailures)
		if got := delay(t, b, office, "zoe"); got != 0 {
			t.Errorf("delay on b after stop = %v, want 0s", got)
		}
		b.SyncLogins(messages.members[1])
		for _, malformed := range []string{"", "{", "[]", `{"counted":7}`} {
			messages.members[1].handle(malformed)
		}
	})
}

// TestSyncLogins_CanceledRequest: a failure is published although the request was canceled.
func TestSyncLogins_CanceledRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		messages := &bus{}
		a, b := newService(t), newService(t)
		a.SyncLogins(messages.join())
		b.SyncLogins(messages.join())
		for range freeAccountFailures {
			ctx, cancel := context.WithCancel(t.Context())
			a.compare = func(_, _ []byte) error { cancel(); return errors.New("wrong") }
			_, _ = a.Login(ctx, "ana", "wrong")
		}
		if delay(t, b, office, "ana") == 0 {
			t.Error("delay of ana on replica b = 0s after canceled failures on a, want a delay")
		}
	})
}
