package shared

import (
	"math/rand/v2"
	"time"
)

const (
	reconnectPause    = time.Second
	maxReconnectPause = 3 * time.Second
)

// keepConnected looks for the store, holds on to it, and looks for it again,
// until Close.
func (s *Store) keepConnected() {
	lost := false // and said so
	pause := reconnectPause
	for s.ctx.Err() == nil {
		c, err := s.connect()
		if err == nil {
			pause = reconnectPause
			s.attend(c, lost)
			lost, err = false, c.reason()
		}
		c.close()
		if !lost && s.ctx.Err() == nil {
			s.log.Warn("the shared store is lost, going on alone", "error", err)
			lost = true
		}
		// Jittered, so that replicas that lost the store together do not all come back at once.
		s.sleep(pause/2 + rand.N(pause))
		pause = min(2*pause, maxReconnectPause)
	}
}

// connect returns a connection to which nothing is missing: it has been heard
// on, and this replica is registered. On an error it only has to be closed.
func (s *Store) connect() (*connection, error) {
	c, err := newConnection(s.ctx, s.options)
	if err != nil {
		return c, err
	}
	if err := c.listen(s.channel(), func(text string) { s.hear(c, text) }); err != nil {
		return c, err
	}
	return c, s.beat(c)
}

// attend lets everybody use c, and gives signs of life on it, until c is lost
// or s closed.
func (s *Store) attend(c *connection, wasLost bool) {
	if wasLost {
		s.log.Info("the shared store is back")
	}
	s.current.Store(c)
	defer s.current.Store(nil)
	s.watchers.reconnect()

	tick := time.NewTicker(s.timing.heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.beat(c) // a failure loses c
		case <-c.ctx.Done():
			return
		case <-s.ctx.Done():
			s.leave(c)
			c.lose(errClosed)
			return
		}
	}
}

// sleep returns after d or with Close.
func (s *Store) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
	}
}
