package shared

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/valkey-io/valkey-go"
)

// Topics that a [Store] tells of by itself.
const (
	// TopicValues has the key of each value that another replica stored or deleted.
	TopicValues = "values"

	// TopicLeases has the name of each lease that another replica released or failed.
	TopicLeases = "leases"

	// TopicRevoked has the name of each lease that another replica revoked.
	TopicRevoked = "revoked"

	// TopicReconnected has an empty text each time the store has been found,
	// the first time included: what others said before may have been missed.
	TopicReconnected = "reconnected"
)

var errTopic = errors.New("cache: a topic has no line break")

// message is what one replica said to all.
type message struct{ topic, text string }

// watchers are those who are told, and what they have not been told yet.
type watchers struct {
	pending     chan message
	reconnected chan struct{} // holds one: told twice or once is the same

	mu  sync.Mutex // guards all
	all []*watcher
}

type watcher struct {
	topic string
	heard func(text string)
}

func newWatchers() *watchers {
	return &watchers{pending: make(chan message, 1024), reconnected: make(chan struct{}, 1)}
}

// Publish says text to every other replica that watches topic, which must not
// have a line break. Those that have lost the store miss it.
func (s *Store) Publish(ctx context.Context, topic, text string) error {
	if strings.Contains(topic, "\n") {
		return errTopic
	}
	return s.do(ctx, storeTimeout, func(ctx context.Context, c *connection) error {
		return c.commands.Do(ctx, s.publish(c.commands, topic, text)).Error()
	})
}

// Subscribe has heard called with what other replicas say on topic, until stop. All
// watchers are called from one goroutine, one message after the other: heard
// must return soon. A call may still be under way when stop returns.
func (s *Store) Subscribe(topic string, heard func(text string)) (stop func()) {
	w := &watcher{topic, heard}
	s.watchers.mu.Lock()
	defer s.watchers.mu.Unlock()
	s.watchers.all = append(s.watchers.all, w)
	return func() {
		s.watchers.mu.Lock()
		defer s.watchers.mu.Unlock()
		s.watchers.all = slices.DeleteFunc(s.watchers.all, func(other *watcher) bool { return other == w })
	}
}

// channel is the one channel of all topics: a replica that hears one hears all,
// so that nothing is missed while a watch begins.
func (s *Store) channel() string { return s.key("news", "") }

// said returns what is published for text on topic.
func (s *Store) said(topic, text string) string {
	return s.self + "\n" + topic + "\n" + text
}

func (s *Store) publish(client valkey.Client, topic, text string) valkey.Completed {
	return client.B().Publish().Channel(s.channel()).Message(s.said(topic, text)).Build()
}

// hear takes what was published, unless it is our own. It waits for watchers
// that do not return: then c falls silent, is lost, and they are told so.
func (s *Store) hear(c *connection, said string) {
	from, rest, _ := strings.Cut(said, "\n")
	topic, text, ok := strings.Cut(rest, "\n")
	if !ok || from == s.self {
		return
	}
	select {
	case s.watchers.pending <- message{topic, text}:
	case <-c.ctx.Done():
	}
}

// spread tells the watchers what was heard, until Close.
func (s *Store) spread() {
	for {
		select {
		case m := <-s.watchers.pending:
			s.watchers.tell(m)
		case <-s.watchers.reconnected:
			s.watchers.tell(message{topic: TopicReconnected})
		case <-s.ctx.Done():
			return
		}
	}
}

// reconnect has the watchers told that they may have missed something.
func (w *watchers) reconnect() {
	select {
	case w.reconnected <- struct{}{}:
	default:
	}
}

func (w *watchers) tell(m message) {
	w.mu.Lock()
	all := slices.Clone(w.all) // heard may watch, or stop
	w.mu.Unlock()
	for _, watcher := range all {
		if watcher.topic == m.topic {
			watcher.heard(m.text)
		}
	}
}
