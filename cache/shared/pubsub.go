package shared

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/valkey-io/valkey-go"
)

// Topics on which a [Store] publishes without being asked.
const (
	// TopicValues carries the key of each value that another replica set or deleted.
	TopicValues = "values"

	// TopicLeases carries the name of each lease that another replica released or failed.
	TopicLeases = "leases"

	// TopicRevoked carries the name of each lease that another replica revoked.
	TopicRevoked = "revoked"

	// TopicReconnected carries an empty text after each connect, the first one
	// included. Messages published before may have been missed.
	TopicReconnected = "reconnected"
)

var errTopic = errors.New("shared: a topic must not contain a line break")

// pendingMessages is how many messages may wait for slow subscribers.
const pendingMessages = 1024

// message is what one replica publishes to all.
type message struct{ topic, text string }

// subscribers holds the subscribed functions and the messages not yet dispatched.
type subscribers struct {
	pending     chan message
	reconnected chan struct{} // capacity 1: two reconnects count as one
	emptied     chan struct{} // capacity 1, too

	mu  sync.Mutex // guards all
	all []*subscriber
}

type subscriber struct {
	topic  string
	handle func(text string)
}

func newSubscribers() *subscribers {
	return &subscribers{
		pending:     make(chan message, pendingMessages),
		reconnected: make(chan struct{}, 1), emptied: make(chan struct{}, 1),
	}
}

// Publish sends text to every other replica that is subscribed to topic, which
// must not contain a line break. A replica without a connection misses it.
func (s *Store) Publish(ctx context.Context, topic, text string) error {
	if strings.Contains(topic, "\n") {
		return errTopic
	}
	return s.do(ctx, commandTimeout, func(ctx context.Context, c *connection) error {
		return c.commands.Do(ctx, s.publish(c.commands, topic, text)).Error()
	})
}

// Subscribe calls handle with what other replicas publish on topic, until stop.
// One goroutine calls all subscribed functions, one message after the other, so
// handle must return soon. A call may still be running when stop returns.
func (s *Store) Subscribe(topic string, handle func(text string)) (stop func()) {
	added := &subscriber{topic, handle}
	s.subscribers.mu.Lock()
	defer s.subscribers.mu.Unlock()
	s.subscribers.all = append(s.subscribers.all, added)
	return func() {
		s.subscribers.mu.Lock()
		defer s.subscribers.mu.Unlock()
		s.subscribers.all = slices.DeleteFunc(s.subscribers.all, func(other *subscriber) bool {
			return other == added
		})
	}
}

// channel returns the one channel of all topics. With a channel per topic,
// messages published while a subscription begins would be missed.
func (s *Store) channel() string { return s.key("news", "") }

// encode returns the message that is published for text on topic.
func (s *Store) encode(topic, text string) string {
	return s.self + "\n" + topic + "\n" + text
}

func (s *Store) publish(client valkey.Client, topic, text string) valkey.Completed {
	return client.B().Publish().Channel(s.channel()).Message(s.encode(topic, text)).Build()
}

// receive queues a message of another replica. While subscribed functions block,
// nothing reads c, which is then lost. The subscribers learn from
// [TopicReconnected] that they missed messages.
func (s *Store) receive(c *connection, encoded string) {
	from, rest, _ := strings.Cut(encoded, "\n")
	topic, text, ok := strings.Cut(rest, "\n")
	if !ok || from == s.self {
		return
	}
	select {
	case s.subscribers.pending <- message{topic, text}:
	case <-c.ctx.Done():
	}
}

// dispatch calls the subscribed functions until Close.
func (s *Store) dispatch() {
	for {
		select {
		case m := <-s.subscribers.pending:
			s.subscribers.call(m)
		case <-s.subscribers.reconnected:
			s.subscribers.call(message{topic: TopicReconnected})
		case <-s.subscribers.emptied:
			s.subscribers.call(message{topic: TopicEmptied})
		case <-s.ctx.Done():
			return
		}
	}
}

func (s *subscribers) notifyReconnected() { notify(s.reconnected) }
func (s *subscribers) notifyEmptied()     { notify(s.emptied) }

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (s *subscribers) call(m message) {
	s.mu.Lock()
	all := slices.Clone(s.all) // a subscribed function may subscribe or stop
	s.mu.Unlock()
	for _, subscriber := range all {
		if subscriber.topic == m.topic {
			subscriber.handle(m.text)
		}
	}
}
