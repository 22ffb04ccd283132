package graph_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// socketClient is the caller's end of a WebSocket.
type socketClient struct {
	t    testing.TB
	conn *websocket.Conn
}

// dial opens a socket like a page of the origin, or like a program if the origin is empty. It
// returns a nil client if the server refuses.
func (f *fixture) dial(t testing.TB, origin string) (*socketClient, *http.Response) {
	t.Helper()
	header := http.Header{}
	if origin != "" {
		header.Set("Origin", origin)
	}
	conn, response, err := websocket.Dial(t.Context(), f.server.URL, &websocket.DialOptions{
		HTTPClient: f.server.Client(), HTTPHeader: header, Subprotocols: []string{"graphql-transport-ws"},
	})
	if err != nil {
		return nil, response
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &socketClient{t, conn}, response
}

// connect opens a socket and sends the token.
func (f *fixture) connect(t testing.TB, token string) *socketClient {
	t.Helper()
	c, _ := f.dial(t, "")
	if c == nil {
		t.Fatal("the server refused the socket")
	}
	c.send(`{"type":"connection_init","payload":{"authorization":"Bearer ` + token + `"}}`)
	c.want(`{"type":"connection_ack"}`)
	return c
}

func (c *socketClient) send(text string) {
	c.t.Helper()
	if err := c.conn.Write(c.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatalf("send %.60s: %v", text, err)
	}
}

// subscribe sends the message subscribe.
func (c *socketClient) subscribe(id, document string) {
	c.t.Helper()
	payload := operation(c.t, document, nil)
	c.send(`{"id":"` + id + `","type":"subscribe","payload":` + payload + `}`)
}

func (c *socketClient) next() string {
	c.t.Helper()
	_, text, err := c.conn.Read(c.t.Context())
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	return string(text)
}

func (c *socketClient) want(messages ...string) {
	c.t.Helper()
	for _, want := range messages {
		if got := c.next(); got != want {
			c.t.Errorf("message = %s, want %s", got, want)
		}
	}
}

// wantError reads a message and fails the test unless it is this error of the subscription. An
// empty message matches any.
func (c *socketClient) wantError(id, code, message string) {
	c.t.Helper()
	text := c.next()
	var got struct {
		ID, Type string
		Payload  []responseError
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil || got.ID != id || got.Type != "error" || len(got.Payload) != 1 {
		c.t.Errorf("message = %s, error %v, want one error of %s", text, err, id)
		return
	}
	shown := got.Payload[0]
	if shown.Extensions.Code != code || message != "" && shown.Message != message || shown.Extensions.RequestID != requestID {
		c.t.Errorf("message = %s, want %s %q", text, code, message)
	}
}

// wantClosed fails the test unless the socket is closed with no message before.
func (c *socketClient) wantClosed(name string, code websocket.StatusCode, reason string) {
	c.t.Helper()
	_, text, err := c.conn.Read(c.t.Context())
	if err == nil {
		c.t.Errorf("%s: message = %s, want the socket closed", name, text)
		return
	}
	c.wantReason(name, err, code, reason)
}

// wantClosedSoon is like wantClosed but skips messages before.
func (c *socketClient) wantClosedSoon(name string, code websocket.StatusCode, reason string) {
	c.t.Helper()
	for {
		if _, _, err := c.conn.Read(c.t.Context()); err != nil {
			c.wantReason(name, err, code, reason)
			return
		}
	}
}

func (c *socketClient) wantReason(name string, err error, code websocket.StatusCode, reason string) {
	c.t.Helper()
	var closed websocket.CloseError
	if !errors.As(err, &closed) || closed.Code != code || !strings.Contains(closed.Reason, reason) {
		c.t.Errorf("%s: read = %v, want the socket closed with %d %q", name, err, code, reason)
	}
}

// nextMessage returns the message next with the event's data.
func nextMessage(id string, e event) string {
	return `{"id":"` + id + `","type":"next","payload":` + e.data + `}`
}

func completeMessage(id string) string { return `{"id":"` + id + `","type":"complete"}` }
