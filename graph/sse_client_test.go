package graph_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const events = "text/event-stream"

// taskSubscription returns a subscription to the task.
func taskSubscription(id string) string {
	return `subscription{taskUpdated(taskId:"` + id + `"){status finished}}`
}

// event is one event of a stream. A comment, and the end of the stream, is the zero event.
type event struct{ name, data string }

// eventStream is an open response with events.
type eventStream struct {
	response *http.Response
	lines    *bufio.Scanner
	leave    context.CancelFunc
}

// subscribe sends a request and fails the test unless the response is an event stream.
func (f *fixture) subscribe(t testing.TB, r request) *eventStream {
	t.Helper()
	if r.accept == "" {
		r.accept = events
	}
	ctx, leave := context.WithCancel(t.Context())
	response, err := f.server.Client().Do(r.build(t, f.server.URL).WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { leave(); response.Body.Close() })
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != events+"; charset=utf-8" {
		t.Fatalf("%s = %d, %s, want 200 and events", r.body, response.StatusCode, response.Header.Get("Content-Type"))
	}
	s := &eventStream{response: response, lines: bufio.NewScanner(response.Body), leave: leave}
	if first := s.next(); first != (event{data: ""}) || s.lines.Err() != nil {
		t.Fatalf("the stream begins with %q, want a comment", first)
	}
	return s
}

// next reads an event or a comment.
func (s *eventStream) next() (e event) {
	for s.lines.Scan() && s.lines.Text() != "" {
		field, value, _ := strings.Cut(s.lines.Text(), ":")
		switch value = strings.TrimPrefix(value, " "); field {
		case "event":
			e.name = value
		case "data":
			e.data += value
		}
	}
	return e
}

// wantEvents reads the stream to its end and fails the test unless these events are on it.
func (s *eventStream) wantEvents(t testing.TB, name string, want ...event) {
	t.Helper()
	for _, w := range want {
		if got := s.next(); got != w {
			t.Errorf("%s: event = %q, want %q", name, got, w)
		}
	}
	if s.lines.Scan() {
		t.Errorf("%s: the stream continues with %q, want its end", name, s.lines.Text())
	}
}

func nextEvent(data string) event { return event{"next", data} }

var complete = event{name: "complete"}

func stateEvent(status string) event {
	finished := "false"
	if status == "SUCCESS" {
		finished = "true"
	}
	return nextEvent(`{"data":{"taskUpdated":{"status":"` + status + `","finished":` + finished + `}}}`)
}

func errorEvent(code, message string) event {
	return nextEvent(`{"errors":[{"message":"` + message + `","extensions":{"code":"` + code + `","requestId":"` + requestID + `"}}],"data":null}`)
}

// shortLivedToken returns a token of ana that expires within two seconds.
func shortLivedToken(t *testing.T) string {
	t.Helper()
	return signed(t, jwt.SigningMethodHS256, secret, claims(func(c jwt.MapClaims) {
		c["exp"] = time.Now().Add(2 * time.Second).Unix()
	}))
}
