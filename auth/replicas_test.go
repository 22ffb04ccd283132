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

// bus joins replicas in memory.
type bus struct {
	members []*member
	said    []string
	lost    error
}

type member struct {
	bus   *bus
	topic string
	heard func(string)
}

func (b *bus) join() *member {
	m := &member{bus: b}
	b.members = append(b.members, m)
	return m
}

func (m *member) Publish(ctx context.Context, topic, text string) error {
	m.bus.said = append(m.bus.said, text)
	for _, other := range m.bus.members {
		if other != m && other.topic == topic && m.bus.lost == nil && ctx.Err() == nil {
			other.heard(text)
		}
	}
	return m.bus.lost
}

func (m *member) Subscribe(topic string, heard func(string)) (stop func()) {
	m.topic, m.heard = topic, heard
	return func() { m.topic = "" }
}

func TestReplicasCountTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		news := &bus{}
		a, b := newService(t), newService(t)
		a.Join(news.join())
		leave := b.Join(news.join())
		fail(t, a, office, "ana", accountTries-1)
		fail(t, b, elsewhere, "ana", 1)
		for name, service := range map[string]*Service{"a": a, "b": b} {
			if got := held(t, service, office, "ana"); got != time.Second {
				t.Errorf("at %s ana has to wait %v, want 1s", name, got)
			}
		}
		time.Sleep(time.Second)
		wantLogin(t, b, office, "ana", anasPassword, nil)
		fail(t, a, elsewhere, "ana", accountTries)
		wantLogin(t, a, office, "ana", anasPassword, nil) // is at home where the other has let her in
		for n := range addressTries {
			fail(t, b, elsewhere, fmt.Sprintf("name %d", n), 1)
			if held(t, a, elsewhere, "eva") > 0 {
				break
			}
		}
		if held(t, a, elsewhere, "eva") == 0 {
			t.Error("the address may go on at the other replica")
		}
		for _, text := range news.said {
			if strings.Contains(text, "ana") || strings.Contains(text, office) || strings.Contains(text, "name") {
				t.Errorf("the news holds a name or an address: %s", text)
			}
		}
		news.lost = errors.New("lost")
		fail(t, b, office, "leo", accountTries)
		if held(t, a, office, "leo") != 0 || held(t, b, office, "leo") == 0 {
			t.Error("without the store each should count for itself")
		}
		news.lost = nil
		leave()
		fail(t, a, office, "zoe", accountTries)
		if held(t, b, office, "zoe") != 0 {
			t.Error("a replica that has left still hears")
		}
		b.Join(news.members[1])
		for _, nonsense := range []string{"", "{", "[]", `{"counted":7}`} {
			news.members[1].heard(nonsense)
		}
	})
}

// TestWhoHangsUpHasFailed: the others are told though the request is over.
func TestWhoHangsUpHasFailed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		news := &bus{}
		a, b := newService(t), newService(t)
		a.Join(news.join())
		b.Join(news.join())
		for range accountTries {
			ctx, cancel := context.WithCancel(t.Context())
			a.compare = func(_, _ []byte) error { cancel(); return errors.New("wrong") }
			_, _ = a.Login(ctx, "ana", "wrong")
		}
		if held(t, b, office, "ana") == 0 {
			t.Error("ana need not wait at the other replica")
		}
	})
}
