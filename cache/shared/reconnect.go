package shared

import (
	"math/rand/v2"
	"time"

	"wisphub-graphql/background"
)

const (
	reconnectPause    = time.Second
	maxReconnectPause = 2 * time.Second // with the jitter well below Config.Regroup
)

// stayConnected connects to the server, and again whenever it is lost, until
// Close.
func (s *Store) stayConnected() {
	lost := false // and logged
	pause := reconnectPause
	for s.ctx.Err() == nil {
		c, err := s.connect()
		if err == nil {
			pause = reconnectPause
			s.use(c, lost)
			lost, err = false, c.reason()
		}
		c.close()
		if !lost && s.ctx.Err() == nil {
			s.log.Warn("shared store is unreachable; continuing without it", "error", err)
			lost = true
		}
		// Jittered, so that replicas that lost the server together return one by one.
		_ = background.Sleep(s.ctx, pause/2+rand.N(pause))
		pause = min(2*pause, maxReconnectPause)
	}
}

// connect returns a connection that receives messages and on which this replica
// is registered. On an error, too, the caller must close the connection.
func (s *Store) connect() (*connection, error) {
	c, err := newConnection(s.ctx, s.options)
	if err != nil {
		return c, err
	}
	if err := s.chooseName(c); err != nil {
		return c, err
	}
	if err := c.subscribe(s.channel(), func(text string) { s.receive(c, text) }); err != nil {
		return c, err
	}
	return c, s.heartbeat(c)
}

// use makes c the current connection and sends heartbeats on it, until c is
// lost or s closed.
func (s *Store) use(c *connection, wasLost bool) {
	if wasLost {
		s.log.Info("shared store is reachable again")
	}
	s.current.Store(c)
	defer s.current.Store(nil)
	s.checkGeneration(c)
	s.subscribers.notifyReconnected()

	tick := time.NewTicker(s.timing.heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.heartbeat(c) // a failure loses c
			s.checkGeneration(c)
			s.checkName(c)
		case <-s.naming.recheck:
			s.checkName(c)
		case <-c.ctx.Done():
			return
		case <-s.ctx.Done():
			s.leave(c)
			c.lose(errClosed)
			return
		}
	}
}
