package wisphub

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wisphub-graphql/wisphub/ratelimit"
)

// writer calls one method that writes.
type writer func(context.Context, *API) error

// checkWrite calls write once and compares the request: method and path, content type without
// parameters, and body. A form is one "name=value" per line. The server gives the answer of the
// arguments.
func checkWrite(t *testing.T, write writer, want [3]string, status int, contentType, body string) {
	t.Helper()
	var calls atomic.Int32
	api := open(t, Config{Host: serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if got := readRequest(t, r); got != want {
			t.Errorf("request = %q, want %q", got, want)
		}
		for header, want := range map[string]string{"Authorization": "Api-Key " + testKey, "Accept": jsonType} {
			if got := r.Header.Values(header); len(got) != 1 || got[0] != want {
				t.Errorf("header %s = %q, want %q once", header, got, want)
			}
		}
		reply(status, contentType, body)(w, r)
	}))})
	if err := write(t.Context(), api); err != nil {
		t.Errorf("%s, answered %d %s = %v, want no error", want[0], status, body, err)
	}
	if calls.Load() != 1 {
		t.Errorf("%s arrived %d times, want once", want[0], calls.Load())
	}
}

func readRequest(t *testing.T, r *http.Request) [3]string {
	t.Helper()
	contentType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		t.Errorf("ParseMediaType = %v, want no error", err)
	}
	request := [3]string{r.Method + " " + r.URL.RequestURI(), contentType}
	if contentType != "multipart/form-data" {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("ReadAll(body) = %v, want no error", err)
		}
		request[2] = string(body)
		return request
	}
	for form := multipart.NewReader(r.Body, parameters["boundary"]); ; {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return request
		}
		if err != nil {
			t.Errorf("NextPart = %v, want no error", err)
			return request
		}
		value, _ := io.ReadAll(part)
		request[2] += part.FormName() + "=" + string(value) + "\n"
	}
}

// failure is a bad answer and the error that it causes.
type failure struct {
	handler http.HandlerFunc
	kind    error
	unknown bool
}

var writeFailures = map[string]failure{
	"refused":     {reply(400, jsonType, `{"estado": ["Este campo es requerido."]}`), ErrRefused, false},
	"unprocessed": {reply(422, jsonType, `{"errors": ["No"]}`), ErrRefused, false},
	"media type":  {reply(415, htmlType, html), ErrRefused, false},
	"forbidden":   {reply(403, jsonType, `{"detail": "No."}`), ErrForbidden, false},
	"wrong host":  {reply(403, htmlType, html), ErrInvalidResponse, false},
	"unknown id":  {reply(404, jsonType, `{"detail": "No encontrado."}`), ErrNotFound, false},
	"wrong route": {reply(404, htmlType, html), ErrInvalidResponse, false},
	"limited":     {reply(429, jsonType, `{}`), ErrRateLimited, false},
	"broken text": {broken(400, `{"estado": ["Es`), ErrRefused, false},
	"moved":       {moved(301), ErrInvalidResponse, true},
	"elsewhere":   {moved(303), ErrInvalidResponse, true},
	"same method": {moved(307), ErrInvalidResponse, true},
	"error":       {reply(500, htmlType, html), ErrUnavailable, true},
	"bad gateway": {reply(502, htmlType, html), ErrUnavailable, true},
	"unavailable": {reply(503, jsonType, `{}`), ErrUnavailable, true},
	"hangs":       {hang(""), ErrTimeout, true},
	"half":        {hang(`{"task_id": "0e3`), ErrTimeout, true},
	"broken":      {broken(200, `{"task_id": "0e3`), ErrUnavailable, true},
	"hung up":     {hangUp, ErrUnavailable, true},
}

// noAnswers have a good status but not the JSON that the write answers with.
var noAnswers = map[string]failure{
	"HTML":      {reply(200, htmlType, html), ErrInvalidResponse, true},
	"not JSON":  {reply(201, jsonType, html), ErrInvalidResponse, true},
	"truncated": {reply(202, jsonType, `{"task_id": "0e3`), ErrInvalidResponse, true},
}

// noRecords are JSON but not the object that the write answers with.
var noRecords = map[string]failure{
	"nothing":     {reply(204, "", ""), ErrInvalidResponse, true},
	"null":        {reply(200, jsonType, `null`), ErrInvalidResponse, true},
	"list":        {reply(200, jsonType, `[]`), ErrInvalidResponse, true},
	"no id":       {reply(200, jsonType, `{}`), ErrInvalidResponse, true},
	"id is null":  {reply(200, jsonType, `{"task_id": null, "id_ticket": null}`), ErrInvalidResponse, true},
	"id is empty": {reply(200, jsonType, `{"task_id": "", "id_ticket": 0}`), ErrInvalidResponse, true},
}

func moved(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.URL.Path)
		reply(status, htmlType, html)(w, r)
	}
}

// broken announces more bytes than it sends.
func broken(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		reply(status, jsonType, body)(w, r)
	}
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// checkWriteFailures checks write against bad answers. Each request must arrive exactly once,
// even if an earlier read has left an idle connection. It also checks failures before anything is
// sent.
func checkWriteFailures(t *testing.T, write writer, tables ...map[string]failure) {
	t.Helper()
	for _, table := range append(tables, writeFailures) {
		for name, test := range table {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var calls atomic.Int32
				api := open(t, Config{Host: serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method == http.MethodGet {
						reply(200, jsonType, `[]`)(w, r)
						return
					}
					calls.Add(1)
					io.Copy(io.Discard, r.Body)
					if !r.Close {
						t.Error("the write used a connection that is kept alive, want its own")
					}
					test.handler(w, r)
				}))})
				if _, err := api.Zones.List(t.Context()); err != nil {
					t.Errorf("Zones.List = %v, want no error", err)
				}
				ctx, cancel := t.Context(), context.CancelFunc(func() {})
				if test.kind == ErrTimeout {
					ctx, cancel = context.WithTimeout(ctx, 300*time.Millisecond)
				}
				defer cancel()
				checkOutcome(t, write(ctx, api), test.kind, test.unknown)
				if calls.Load() != 1 {
					t.Errorf("%d requests arrived, want one", calls.Load())
				}
			})
		}
	}
	t.Run("not sent", func(t *testing.T) {
		t.Parallel()
		checkNotSent(t, write)
	})
}

func checkOutcome(t *testing.T, err, kind error, unknown bool) {
	t.Helper()
	if !errors.Is(err, kind) || errors.Is(err, ErrOutcomeUnknown) != unknown {
		t.Errorf("error = %v, want %v and outcome unknown %t", err, kind, unknown)
	}
	if err != nil && strings.Contains(err.Error(), ErrOutcomeUnknown.Error()) != unknown {
		t.Errorf("error = %q, want the outcome unknown in its text: %t", err, unknown)
	}
}

// checkNotSent checks write where nothing can arrive at the upstream.
func checkNotSent(t *testing.T, write writer) {
	refuse := func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	}
	hang := func(context.Context, string, string) (net.Conn, error) {
		<-t.Context().Done() // net/http keeps dialling after the call has ended
		return nil, t.Context().Err()
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	spent := open(t, Config{Host: "http://127.0.0.1:1", MinuteLimit: 1, Dial: refuse})
	spent.Restore([]ratelimit.Call{{ID: "one", At: time.Now()}})
	down := open(t, Config{Host: "http://127.0.0.1:1", Dial: refuse})
	for range openAfter {
		checkOutcome(t, write(t.Context(), down), ErrUnavailable, false)
	}
	for _, test := range []struct {
		ctx  context.Context
		api  *API
		kind error
	}{
		{t.Context(), open(t, Config{Host: "http://127.0.0.1:1", Dial: refuse}), ErrUnavailable},
		{t.Context(), open(t, Config{Host: "http://127.0.0.1:1", Dial: hang, Timeout: 20 * time.Millisecond}), ErrTimeout},
		{t.Context(), spent, ErrBudget},
		{t.Context(), down, errNotSent},
		{canceled, open(t, Config{Host: "http://127.0.0.1:1", Dial: refuse}), context.Canceled},
	} {
		checkOutcome(t, write(test.ctx, test.api), test.kind, false)
	}
}

func ping(ctx context.Context, api *API) error {
	_, err := api.Clients.Ping(ctx, 26, PingRequest{Pings: 4})
	return err
}
