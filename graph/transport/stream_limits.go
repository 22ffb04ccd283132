package transport

import (
	"context"
	"net/netip"
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
	EvictTimeout time.Duration // like CloseTimeout, for one that gives way before it sent a token

	MaxOpen              int   // event streams, and WebSockets with a token
	MaxPerUser           int   // of MaxOpen
	MaxWaiting           int   // WebSockets that have not sent a token
	MaxWaitingPerNetwork int   // of MaxWaiting, from one [auth.Network]
	MaxPerSocket         int   // subscriptions on one WebSocket
	MaxMessage           int64 // bytes of one message from the caller
	SmallMessage         int64 // like MaxMessage, before the token
	// MaxDocuments is in bytes. It limits the documents and variables of all subscriptions, and the
	// messages on WebSockets above SmallMessage that are arriving.
	MaxDocuments        int
	MaxDocumentsPerUser int // of MaxDocuments

	// Before the token, a caller may send MaxInitMessages messages, in MaxInitFrames frames.
	MaxInitMessages int
	MaxInitFrames   int
	// With a token, a caller may send FrameBurst frames at once, and FramesPerSecond afterwards. A
	// frame counts once more for each 8 kB. Further frames wait. After MaxFrameWait without a break
	// the socket is closed.
	FrameBurst      int
	FramesPerSecond int
	MaxFrameWait    time.Duration
}

func defaultStreamLimits() StreamLimits {
	return StreamLimits{
		KeepAlive:    15 * time.Second,
		PingInterval: 20 * time.Second,
		PongTimeout:  10 * time.Second,
		InitTimeout:  5 * time.Second,
		WriteTimeout: 5 * time.Second,
		CloseTimeout: time.Second,
		EvictTimeout: 100 * time.Millisecond,

		MaxOpen:              1000,
		MaxPerUser:           250, // a team may share one user for all its dashboards
		MaxWaiting:           500, // after a restart an office's dashboards reconnect at once
		MaxWaitingPerNetwork: 250, // and share one address
		MaxPerSocket:         10,
		MaxMessage:           64 << 10,
		SmallMessage:         8 << 10, // all sockets may be in the middle of one; a token has 4 kB at most
		MaxDocuments:         2 << 20, // as syntax trees some 40 times as much
		MaxDocumentsPerUser:  1 << 20,

		MaxInitMessages: 2,
		MaxInitFrames:   16,
		FrameBurst:      60,
		FramesPerSecond: 10,
		MaxFrameWait:    10 * time.Second,
	}
}

// acquire counts an event stream, or a WebSocket with a token. At MaxOpen, the user with the most
// streams loses the one that was quiet longest, so that a few users cannot keep out the others. The
// new stream is refused if its user would then hold as many, if the user is at MaxPerUser, or if the
// server stops: the reason is not "". Logins, whose username is "", take no user's place. After
// success, the caller must call release.
func (s *streams) acquire(username string) (p *place, refusal string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := s.open.held(username)
	var victim *place
	switch {
	case s.stopped:
		return nil, refusedFull
	case held >= s.MaxPerUser:
		return nil, refusedUser
	case s.open.total >= s.MaxOpen:
		heaviest := s.open.heaviest()
		if username == "" || s.open.held(heaviest) <= held+1 {
			return nil, refusedFull
		}
		victim = s.open.evict(heaviest)
	}
	s.running.Add(1)
	return s.open.add(username, victim), ""
}

func (s *streams) release(username string, p *place) {
	s.mu.Lock()
	s.open.remove(username, p)
	s.mu.Unlock()
	p.leave()
	s.running.Done()
}

// acquireWaiting counts a WebSocket without a token. Such sockets have limits of their own, so that
// attackers cannot exhaust the streams of authenticated callers. At a limit the one that has waited
// longest gives way: at that of a network the network's own, otherwise that of the network that
// holds most. It returns nil if the server stops, or if a token could get no stream either. After
// success, the caller must call releaseWaiting.
func (s *streams) acquireWaiting(network netip.Prefix) *place {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || s.open.total >= s.MaxOpen && s.open.held(s.open.heaviest()) <= 1 {
		return nil
	}
	var victim *place
	switch {
	case s.waiting.held(network) >= s.MaxWaitingPerNetwork:
		victim = s.waiting.evict(network)
	case s.waiting.total >= s.MaxWaiting:
		victim = s.waiting.evict(s.waiting.heaviest())
	}
	s.running.Add(1)
	return s.waiting.add(network, victim)
}

// stopWaiting ends the waiting of a WebSocket whose caller has sent a token. It returns false if the
// socket has had to give way.
func (s *streams) stopWaiting(network netip.Prefix, p *place) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting.remove(network, p)
}

// releaseWaiting is for sockets that have, and that have not, stopped waiting.
func (s *streams) releaseWaiting(network netip.Prefix, p *place) {
	s.stopWaiting(network, p)
	p.leave()
	s.running.Done()
}

// acquireDocument counts bytes towards MaxDocuments. It returns false at a limit. After true, the
// caller must call releaseDocument.
func (s *streams) acquireDocument(username string, bytes int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.documents+bytes > s.MaxDocuments || s.documentsOf[username]+bytes > s.MaxDocumentsPerUser {
		return false
	}
	s.documents += bytes
	s.documentsOf[username] += bytes
	return true
}

func (s *streams) releaseDocument(username string, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.documents -= bytes
	if s.documentsOf[username] -= bytes; s.documentsOf[username] == 0 {
		delete(s.documentsOf, username)
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
