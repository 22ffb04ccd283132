package transport

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
)

// The opcodes of frames: RFC 6455, 5.2.
const (
	opContinue, opText, opPing, opPong = 0x0, 0x1, 0x9, 0xa
	final                              = 0x80
)

const initMessage = `{"type":"connection_init","payload":{"authorization":"Bearer good"}}`

// clientFrame returns a masked frame, with a mask of zeros.
func clientFrame(first byte, payload string) []byte {
	frame := []byte{first, 0x80}
	switch size := len(payload); {
	case size < 126:
		frame[1] |= byte(size)
	default:
		frame[1] |= 126
		frame = binary.BigEndian.AppendUint16(frame, uint16(size))
	}
	return append(append(frame, 0, 0, 0, 0), payload...)
}

func textFrame(payload string) []byte { return clientFrame(final|opText, payload) }

// pipeWriter hijacks one end of a pipe.
type pipeWriter struct {
	http.ResponseWriter
	conn net.Conn
}

func (w *pipeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.conn, bufio.NewReadWriter(bufio.NewReader(w.conn), bufio.NewWriter(w.conn)), nil
}

// refusingExecutor refuses every document but acceptedDocument.
type refusingExecutor struct{ graphql.GraphExecutor }

func (refusingExecutor) CreateOperationContext(_ context.Context, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	if params.Query == acceptedDocument {
		return slowStream{}.CreateOperationContext(context.Background(), params)
	}
	return &graphql.OperationContext{}, gqlerror.List{gqlerror.Errorf("refused")}
}

func (refusingExecutor) DispatchError(_ context.Context, errs gqlerror.List) *graphql.Response {
	return &graphql.Response{Errors: errs}
}

// pipeSocket is the caller's end of a socket over a pipe, whose writes return when the server has
// read them.
type pipeSocket struct {
	net.Conn
	answers chan string   // the payloads of text frames
	pongs   chan struct{} // frames
	closed  chan int      // the close code
}

// newPipeSet returns transports for openPipe.
func newPipeSet(t *testing.T) *Set {
	t.Helper()
	set := New(Config{
		Verify: func(_ context.Context, token string) (*auth.Caller, error) {
			if token != "good" {
				return nil, io.EOF
			}
			return &auth.Caller{Username: "ana", ExpiresAt: time.Now().Add(time.Hour)}, nil
		},
		FreeRefusals: 5, RefusalPenalty: 200 * time.Millisecond,
	})
	t.Cleanup(set.Close)
	return set
}

// openPipe opens a socket in a synctest bubble.
func openPipe(t *testing.T, set *Set) *pipeSocket {
	t.Helper()
	return openPipeFrom(t, set, "192.0.2.1")
}

// openPipeFrom is openPipe for a caller at an address.
func openPipeFrom(t *testing.T, set *Set, address string) *pipeSocket {
	t.Helper()
	server, client := net.Pipe()
	r := httptest.NewRequest(http.MethodGet, "/graphql", nil)
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol": subprotocol,
	} {
		r.Header.Set(name, value)
	}
	r = r.WithContext(auth.WithSource(r.Context(), auth.Source{Address: address}))
	go set.All()[0].Do(&pipeWriter{httptest.NewRecorder(), server}, r, refusingExecutor{})
	p := &pipeSocket{client, make(chan string, 10_000), make(chan struct{}, 10_000), make(chan int, 1)}
	go p.read()
	t.Cleanup(func() { _ = client.Close() })
	return p
}

// read sorts the server's frames, which are not masked, until the pipe is closed.
func (p *pipeSocket) read() {
	in := bufio.NewReader(p.Conn)
	for {
		header := make([]byte, 2)
		if _, err := io.ReadFull(in, header); err != nil {
			return
		}
		size := int(header[1])
		if size == 126 {
			long := make([]byte, 2)
			_, _ = io.ReadFull(in, long)
			size = int(binary.BigEndian.Uint16(long))
		}
		payload := make([]byte, size)
		_, _ = io.ReadFull(in, payload)
		switch header[0] {
		case final | opText:
			p.answers <- string(payload)
		case final | opPong:
			p.pongs <- struct{}{}
		case final | 0x8:
			p.closed <- int(binary.BigEndian.Uint16(payload))
		}
	}
}

// flood writes the frame until the socket is closed, an hour at most. It returns how many the server
// read.
func (p *pipeSocket) flood(frame []byte) (read int) {
	_ = p.SetDeadline(time.Now().Add(time.Hour))
	for read < 1_000_000 {
		if _, err := p.Write(frame); err != nil {
			return read
		}
		read++
	}
	return read
}

// Test15_4_Floods sends one frame as fast as the server reads it, before and after the token.
func Test15_4_Floods(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		begin string // a frame before
		frame []byte
	}{
		"ping messages":      {"", textFrame(`{"type":"ping"}`)},
		"pong messages":      {"", textFrame(`{"type":"pong"}`)},
		"complete messages":  {"", textFrame(`{"type":"complete","id":"x"}`)},
		"ping frames":        {"", clientFrame(final|opPing, "x")},
		"empty ping frames":  {"", clientFrame(final|opPing, "")},
		"pong frames":        {"", clientFrame(final|opPong, "")},
		"empty fragments":    {string(clientFrame(opText, "")), clientFrame(opContinue, "")},
		"one-byte fragments": {string(clientFrame(opText, " ")), clientFrame(opContinue, " ")},
		"large messages":     {"", textFrame(`{"type":"pong","id":"` + strings.Repeat("x", 60_000) + `"}`)},
	} {
		for _, withToken := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { checkFlood(t, tt.begin, tt.frame, withToken) })
			})
		}
	}
}

func checkFlood(t *testing.T, begin string, frame []byte, withToken bool) {
	p := openPipe(t, newPipeSet(t))
	most, slowest, limits := 40, 5*time.Second, defaultStreamLimits()
	if withToken {
		_, _ = p.Write(textFrame(initMessage))
		<-p.answers
		most, slowest = limits.FrameBurst+10*limits.FramesPerSecond+40, limits.MaxFrameWait+2*time.Second
	}
	began := time.Now()
	_, _ = p.Write([]byte(begin))
	read := p.flood(frame)
	synctest.Wait()
	if took := time.Since(began); read > most || took > slowest {
		t.Errorf("with a token %v: the server read %d frames in %v, want at most %d in %v", withToken, read, took, most, slowest)
	}
	if code := <-p.closed; code != 4429 && (withToken || code != 1009) { // a stranger's message may be too large
		t.Errorf("with a token %v: close code %d, want 4429", withToken, code)
	}
	if !withToken && len(p.answers)+len(p.pongs) > 0 {
		t.Errorf("a stranger got %d answers and %d pongs, want none", len(p.answers), len(p.pongs))
	}
	if answered := len(p.answers) + len(p.pongs); answered > read {
		t.Errorf("%d answers for %d frames", answered, read)
	}
}

// Test15_4_TwoMessagesBeforeTheToken accepts a token in the second message, not in the third.
func Test15_4_TwoMessagesBeforeTheToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ping := textFrame(`{"type":"ping"}`)
		second := openPipe(t, newPipeSet(t))
		_, _ = second.Write(append(ping, textFrame(initMessage)...))
		if got := <-second.answers; got != `{"type":"connection_ack"}` {
			t.Errorf("the first answer = %s, want connection_ack and no pong", got)
		}
		third := openPipe(t, newPipeSet(t))
		_, _ = third.Write(append(append(ping, ping...), textFrame(initMessage)...))
		if code := <-third.closed; code != 4429 || len(third.answers) > 0 {
			t.Errorf("a third message: code %d and %d answers, want 4429 and none", code, len(third.answers))
		}
	})
}

// Test15_4_HonestBursts expects no delay for what a dashboard sends when it reconnects, and none for
// a message each 100 ms.
func Test15_4_HonestBursts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := openPipe(t, newPipeSet(t))
		_, _ = p.Write(textFrame(initMessage))
		ping := textFrame(`{"type":"ping"}`)
		began := time.Now()
		for range 50 {
			_, _ = p.Write(ping)
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("50 messages took %v, want no delay", took)
		}
		for range 100 {
			time.Sleep(100 * time.Millisecond)
			_, _ = p.Write(ping)
		}
		synctest.Wait()
		if took := time.Since(began); took > 11*time.Second || len(p.answers) != 151 {
			t.Errorf("150 messages took %v and got %d answers, want 10 s and 151", took, len(p.answers))
		}
	})
}

// Test15_4_RefusedDocuments expects a pause after each refusal beyond those that are free.
func Test15_4_RefusedDocuments(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := openPipe(t, newPipeSet(t))
		_, _ = p.Write(textFrame(initMessage))
		<-p.answers
		subscribe, ping := textFrame(`{"id":"a","type":"subscribe","payload":{"query":"{"}}`), textFrame(`{"type":"ping"}`)
		began := time.Now()
		for n := 1; n <= 8; n++ {
			_, _ = p.Write(subscribe)
			<-p.answers // the refusal comes at once
			_, _ = p.Write(ping)
			<-p.answers
			want := time.Duration(max(0, n-5)) * 200 * time.Millisecond
			if took := time.Since(began); took != want {
				t.Errorf("the message after refusal %d came after %v, want %v", n, took, want)
			}
		}
	})
}

// Test15_6_LargeMessages lets one user's sockets stop in the middle of large messages. Further ones
// of that user are refused, those of others are not.
func Test15_6_LargeMessages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		set := newPipeSet(t)
		half := textFrame(`{"type":"pong","id":"` + strings.Repeat("x", 60_000) + `"}`)[:40_000]
		limits := set.Limits()
		allowed := limits.MaxDocumentsPerUser / int(limits.MaxMessage)
		for n := range allowed + 1 {
			p := openPipe(t, set)
			_, _ = p.Write(textFrame(initMessage))
			<-p.answers
			_, _ = p.Write(half)
			synctest.Wait()
			if closed := len(p.closed) > 0; closed != (n == allowed) {
				t.Errorf("large message %d of a user: closed = %v, want %v", n, closed, n == allowed)
			}
		}
		if set.streams.documentsOf["ana"] != limits.MaxDocumentsPerUser {
			t.Errorf("%d bytes counted, want %d", set.streams.documentsOf["ana"], limits.MaxDocumentsPerUser)
		}
	})
}
