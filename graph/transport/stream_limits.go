package transport

import (
	"context"
	"time"

	"wisphub-graphql/auth"
)

// StreamLimits limits the streams of a [Set]: server-sent events and WebSockets.
type StreamLimits struct {
	KeepAlive    time.Duration // between comments on an event stream, so that proxies keep it open
	PingInterval time.Duration // of a WebSocket
	PongTimeout  time.Duration // for the response to a ping
	InitTimeout  time.Duration // for the token on a WebSocket
	WriteTimeout time.Duration // for the caller to read one message
	CloseTimeout time.Duration // for the caller to confirm the closing of a WebSocket

	MaxOpen              int   // event streams, and WebSockets with a token
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
		MaxWaiting:           500, // after a restart an office's dashboards reconnect at once
		MaxWaitingPerAddress: 250, // and share one address
		MaxPerSocket:         10,
		MaxMessage:           64 << 10,
	}
}

// acquire counts an event stream. It returns false at the limit or if the server stops. After true,
// the caller must call release.
func (s *streams) acquire() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || s.open >= s.MaxOpen {
		return false
	}
	s.open++
	s.running.Add(1)
	return true
}

// acquireWaiting counts a WebSocket without a token. Such sockets have a limit of their own, and
// one per address, so that attackers cannot exhaust the streams of authenticated callers. It
// returns false at a limit or if the server stops. After true, the caller must call releaseWaiting,
// or release after moveToOpen has returned true.
func (s *streams) acquireWaiting(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || s.open >= s.MaxOpen || s.waiting >= s.MaxWaiting ||
		s.waitingPerAddress[address] >= s.MaxWaitingPerAddress {
		return false
	}
	s.waiting++
	s.waitingPerAddress[address]++
	s.running.Add(1)
	return true
}

func (s *streams) releaseWaiting(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removeWaiting(address)
	s.running.Done()
}

// moveToOpen counts a waiting WebSocket as an open one. It returns false at the limit.
func (s *streams) moveToOpen(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open >= s.MaxOpen {
		return false
	}
	s.open++
	s.removeWaiting(address)
	return true
}

// removeWaiting requires s.mu.
func (s *streams) removeWaiting(address string) {
	s.waiting--
	if s.waitingPerAddress[address]--; s.waitingPerAddress[address] == 0 {
		delete(s.waitingPerAddress, address)
	}
}

func (s *streams) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	s.running.Done()
}

// acquireForUser counts a stream or WebSocket of the user. It returns false at the user's limit, so
// that one faulty program cannot exhaust the streams of other users. After true, the caller must
// call releaseForUser.
func (s *streams) acquireForUser(username string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.perUser[username] >= s.MaxPerUser {
		return false
	}
	s.perUser[username]++
	return true
}

func (s *streams) releaseForUser(username string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.perUser[username]--; s.perUser[username] == 0 {
		delete(s.perUser, username)
	}
}

// callerName returns the username of the caller. It is "" for a login, which may also be sent over
// an event stream.
func callerName(ctx context.Context) string {
	if caller := auth.FromContext(ctx); caller != nil {
		return caller.Username
	}
	return ""
}
