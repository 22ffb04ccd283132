package graph_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// client is the other end of a socket.
type client struct {
	t    testing.TB
	conn *websocket.Conn
}

// dial opens a socket as a page of the origin does, or a program for none.
func (f *face) dial(t testing.TB, origin string) (*client, *http.Response) {
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
	return &client{t, conn}, response
}

// connect opens a socket and says who calls.
func (f *face) connect(t testing.TB, token string) *client {
	t.Helper()
	c, _ := f.dial(t, "")
	if c == nil {
		t.Fatal("the socket is refused")
	}
	c.send(`{"type":"connection_init","payload":{"authorization":"Bearer ` + token + `"}}`)
	c.want(`{"type":"connection_ack"}`)
	return c
}

func (c *client) send(text string) {
	c.t.Helper()
	if err := c.conn.Write(c.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatalf("send %.60s: %v", text, err)
	}
}

// subscribe sends an operation.
func (c *client) subscribe(id, document string) {
	c.t.Helper()
	payload := operation(c.t, document, nil)
	c.send(`{"id":"` + id + `","type":"subscribe","payload":` + payload + `}`)
}

func (c *client) next() string {
	c.t.Helper()
	_, text, err := c.conn.Read(c.t.Context())
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	return string(text)
}

func (c *client) want(messages ...string) {
	c.t.Helper()
	for _, want := range messages {
		if got := c.next(); got != want {
			c.t.Errorf("message = %s, want %s", got, want)
		}
	}
}

// wantError reads the end of a subscription that has failed.
func (c *client) wantError(id, code, message string) {
	c.t.Helper()
	text := c.next()
	var got struct {
		ID, Type string
		Payload  []shownError
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil || got.ID != id || got.Type != "error" || len(got.Payload) != 1 {
		c.t.Errorf("message = %s, %v, want one error of %s", text, err, id)
		return
	}
	shown := got.Payload[0]
	if shown.Extensions.Code != code || message != "" && shown.Message != message || shown.Extensions.RequestID != askedID {
		c.t.Errorf("message = %s, want %s %q", text, code, message)
	}
}

// wantClosed demands that the socket be closed, with no other message before.
func (c *client) wantClosed(name string, code websocket.StatusCode, reason string) {
	c.t.Helper()
	_, text, err := c.conn.Read(c.t.Context())
	if err == nil {
		c.t.Errorf("%s: message = %s, want the socket closed", name, text)
		return
	}
	c.wantReason(name, err, code, reason)
}

// wantClosedSoon is wantClosed after any messages.
func (c *client) wantClosedSoon(name string, code websocket.StatusCode, reason string) {
	c.t.Helper()
	for {
		if _, _, err := c.conn.Read(c.t.Context()); err != nil {
			c.wantReason(name, err, code, reason)
			return
		}
	}
}

func (c *client) wantReason(name string, err error, code websocket.StatusCode, reason string) {
	c.t.Helper()
	var closed websocket.CloseError
	if !errors.As(err, &closed) || closed.Code != code || !strings.Contains(closed.Reason, reason) {
		c.t.Errorf("%s: read = %v, want the socket closed with %d %q", name, err, code, reason)
	}
}

// nextOf is a message with an answer.
func nextOf(id string, e event) string {
	return `{"id":"` + id + `","type":"next","payload":` + e.data + `}`
}

func completeOf(id string) string { return `{"id":"` + id + `","type":"complete"}` }
