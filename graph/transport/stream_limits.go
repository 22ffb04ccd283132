package transport

import (
	"context"
	"time"

	"wisphub-graphql/auth"
)

// StreamLimits bound the streams of a [Set]: server-sent events and WebSockets.
type StreamLimits struct {
	KeepAlive    time.Duration // between comments on a quiet stream of events, which proxies would close
	PingInterval time.Duration // of a WebSocket
	PongTimeout  time.Duration // for the answer to a ping
	InitTimeout  time.Duration // for the token on a WebSocket
	WriteTimeout time.Duration // for the caller to read one message
	CloseTimeout time.Duration // for the caller to answer the closing of a WebSocket

	MaxOpen              int   // streams of events, and WebSockets with a token
	MaxPerUser           int   // of MaxOpen
	MaxWaiting           int   // WebSockets that have not sent a token
	MaxWaitingPerAddress int   // of MaxWaiting
	MaxPerSocket         int   // subscriptions on one WebSocket
	MaxMessage           int64 // bytes of one message from the caller
}

func defaultStreamLimits() StreamLimits {
	return StreamLimits{
		KeepAlive:    15 * time.Second,
		PingInterval: 20 * time.Second,
		PongTimeout:  10 * time.Second,
		InitTimeout:  5 * time.Second,
		WriteTimeout: 5 * time.Second,
		CloseTimeout: time.Second,

		MaxOpen:              1000,
		MaxPerUser:           250, // a team may share one user for all its dashboards
		MaxWaiting:           500, // after a restart all dashboards of an office reconnect at once, from one address
		MaxWaitingPerAddress: 250,
		MaxPerSocket:         10,
		MaxMessage:           64 << 10,
	}
}

// enter counts a stream of events and returns false when it is one too many, or the server stops. It must be followed by leave.
func (s *streams) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || s.open >= s.MaxOpen {
		return false
	}
	s.open++
	s.running.Add(1)
	return true
}

// arrive counts a socket that has not said who calls: strangers have places of their own, so that they take none from
// callers, and few of one address. It returns false when it is one too many, or the server stops. It must be followed by
// depart, unless settle succeeds.
func (s *streams) arrive(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || s.open >= s.MaxOpen || s.waiting >= s.MaxWaiting || s.waitingAt[address] >= s.MaxWaitingPerAddress {
		return false
	}
	s.waiting++
	s.waitingAt[address]++
	s.running.Add(1)
	return true
}

func (s *streams) depart(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetWaiting(address)
	s.running.Done()
}

// settle gives a socket that has arrived a place among those of callers and returns false when there is none. Then it must
// be followed by leave.
func (s *streams) settle(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open >= s.MaxOpen {
		return false
	}
	s.open++
	s.forgetWaiting(address)
	return true
}

// forgetWaiting must be called with s.mu held.
func (s *streams) forgetWaiting(address string) {
	s.waiting--
	if s.waitingAt[address]--; s.waitingAt[address] == 0 {
		delete(s.waitingAt, address)
	}
}

func (s *streams) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	s.running.Done()
}

// join counts one of the user's streams or sockets and returns false when it is one too many, so that a program that has
// gone wild does not take everybody's. It must be followed by part.
func (s *streams) join(user string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[user] >= s.MaxPerUser {
		return false
	}
	s.of[user]++
	return true
}

func (s *streams) part(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[user]--; s.of[user] == 0 {
		delete(s.of, user)
	}
}

// callerName returns who calls, "" for nobody, who may log in over a stream of events, too.
func callerName(ctx context.Context) string {
	if caller := auth.FromContext(ctx); caller != nil {
		return caller.Username
	}
	return ""
}
