package transport

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"wisphub-graphql/background"
)

// errTooManyFrames is the error of reading from a socket whose caller sends too many frames.
var errTooManyFrames = errors.New("too many frames")

// frameBytes is how many bytes of a frame cost as much as one more frame.
const frameBytes = 8 << 10

// frameConn is the network connection of a WebSocket. It counts the frames that the websocket
// package reads, because that package accepts pings and empty fragments without end, and tells
// nothing of the fragments.
type frameConn struct {
	net.Conn
	early  []byte // what net/http has read beyond the handshake
	limit  *frameLimit
	frames frameScanner
}

// Read implements [net.Conn]. One goroutine at a time may call it, as the websocket package does.
func (c *frameConn) Read(p []byte) (n int, err error) {
	if err := c.limit.wait(); err != nil {
		return 0, err
	}
	if len(c.early) > 0 {
		n = copy(p, c.early)
		c.early = c.early[n:]
	} else {
		n, err = c.Conn.Read(p)
	}
	c.limit.spend(c.frames.scan(p[:n]), n)
	return n, err
}

// frameLimit bounds the frames of one socket: a number of them before the token, and a rate
// afterwards. It is safe for concurrent use.
type frameLimit struct {
	ctx    context.Context // of the socket
	limits *StreamLimits

	mu       sync.Mutex
	left     float64   // frames that may be read at once, negative for a debt
	rate     float64   // frames a second, 0 before the token
	at       time.Time // of left
	waited   time.Duration
	afterEnd int64 // bytes read since the socket was closed
}

func newFrameLimit(ctx context.Context, limits *StreamLimits) *frameLimit {
	return &frameLimit{ctx: ctx, limits: limits, left: float64(limits.MaxInitFrames)}
}

// open replaces the number of frames by the rate.
func (l *frameLimit) open() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left, l.rate, l.at = float64(l.limits.FrameBurst), float64(l.limits.FramesPerSecond), time.Now()
}

// wait returns when the caller may send the next frames. It returns an error if the caller has sent
// too many for too long, or too much after the socket was closed.
func (l *frameLimit) wait() error {
	debt, err := l.debt()
	if err != nil || debt == 0 {
		return err
	}
	_ = background.Sleep(l.ctx, debt) // a closed socket is read until its caller confirms
	return nil
}

// debt returns how long the next read must wait.
func (l *frameLimit) debt() (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.left = min(l.left+now.Sub(l.at).Seconds()*l.rate, float64(l.limits.FrameBurst))
	l.at = now
	switch {
	case l.ctx.Err() != nil && l.afterEnd > 2*l.limits.MaxMessage:
		return 0, io.EOF
	case l.left >= 0:
		if l.left >= float64(l.limits.FrameBurst)/2 { // the caller has made a break
			l.waited = 0
		}
		return 0, nil
	case l.rate == 0 || l.ctx.Err() != nil:
		return 0, errTooManyFrames
	}
	debt := time.Duration(-l.left / l.rate * float64(time.Second))
	if l.waited += debt; l.waited > l.limits.MaxFrameWait {
		return 0, errTooManyFrames
	}
	return debt, nil
}

// spend counts what was read.
func (l *frameLimit) spend(frames, bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left -= float64(frames)
	if l.ctx.Err() != nil {
		l.afterEnd += int64(bytes)
	}
}

// frameScanner finds the frames in what a WebSocket client sends: RFC 6455, 5.2.
type frameScanner struct {
	header  [14]byte
	have    int    // bytes of header
	payload uint64 // bytes until the next header
}

// scan returns the cost of the frames whose headers end in p: each 1, and 1 for each 8 kB. A frame
// costs 1,000 at most.
func (s *frameScanner) scan(p []byte) (cost int) {
	for len(p) > 0 {
		if s.payload > 0 {
			skipped := min(s.payload, uint64(len(p)))
			s.payload -= skipped
			p = p[skipped:]
			continue
		}
		s.header[s.have] = p[0]
		s.have++
		p = p[1:]
		if s.have >= 2 && s.have == s.headerSize() {
			s.payload = s.payloadSize()
			s.have = 0
			cost += 1 + int(min(s.payload/frameBytes, 999))
		}
	}
	return cost
}

// headerSize requires the first two bytes.
func (s *frameScanner) headerSize() int {
	size := 2
	switch s.header[1] & 0x7f {
	case 126:
		size += 2
	case 127:
		size += 8
	}
	if masked := s.header[1]&0x80 != 0; masked {
		size += 4
	}
	return size
}

// payloadSize requires the whole header.
func (s *frameScanner) payloadSize() uint64 {
	switch short := s.header[1] & 0x7f; short {
	case 126:
		return uint64(binary.BigEndian.Uint16(s.header[2:]))
	case 127:
		return binary.BigEndian.Uint64(s.header[2:])
	default:
		return uint64(short)
	}
}
