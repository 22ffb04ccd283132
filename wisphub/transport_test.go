package wisphub

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// WispHub redirects to plain http, sometimes on another host. The key must go to neither.
func TestTransport_FollowsNoRedirect(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the client followed the redirect with an Authorization of %d bytes", len(r.Header.Get("Authorization")))
	}))
	t.Cleanup(other.Close)
	for name, location := range map[string]string{
		"another host": other.URL + "/api/clientes/?cedula=" + secretDocument,
		"same host":    basePath + "/api/elsewhere/?cedula=" + secretDocument,
		"no address":   "http://%zz/?cedula=" + secretDocument,
		"none":         "",
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				api, mux := setup(t)
				mux.HandleFunc("/api/clientes/{$}", func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Location", location)
					reply(status, htmlType, html)(w, r)
				})
				mux.HandleFunc("/api/elsewhere/", func(http.ResponseWriter, *http.Request) {
					t.Error("the client followed the redirect")
				})
				checkError(t, privateList(t, api), ErrInvalidResponse, status)
			})
		}
	}
}

func TestTransport_AnswerSize(t *testing.T) {
	t.Parallel()
	padded := func(size int) string { return "[" + strings.Repeat(" ", size-2) + "]" }
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		status  int // of the error; 0 for none
	}{
		"at the limit":   {reply(200, jsonType, padded(maxAnswerBytes)), 0},
		"over the limit": {reply(200, jsonType, padded(maxAnswerBytes+1)), 200},
		"refusal":        {reply(403, jsonType, padded(maxAnswerBytes+1)), 403},
		"compressed":     {compressed(padded(maxAnswerBytes + 1)), 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api, mux := setup(t)
			mux.HandleFunc("/api/clientes/{$}", test.handler)
			err := privateList(t, api)
			if test.status != 0 {
				checkError(t, err, ErrInvalidResponse, test.status)
			} else if err != nil {
				t.Errorf("Clients.List = %v, want no error", err)
			}
		})
	}
}

// compressed answers with gzip: 8 MB of spaces become 8 kB.
func compressed(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		w.Header().Set("Content-Encoding", "gzip")
		out := gzip.NewWriter(w)
		io.WriteString(out, body)
		out.Close()
	}
}

// hang answers with text, if any, and then hangs until the caller gives up.
func hang(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if text != "" {
			reply(http.StatusOK, jsonType, text)(w, r)
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	}
}

func TestTransport_Timeout(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{"no answer": hang(""), "half an answer": hang(`{"count": 1, "resul`)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := open(t, Config{Host: serve(t, handler), Timeout: 20 * time.Millisecond})
			err := privateList(t, api)
			checkError(t, err, ErrTimeout, 0)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Clients.List = %v, want %v", err, context.DeadlineExceeded)
			}
		})
	}
}

// The deadline of the caller counts, even with another cause.
func TestTransport_CallerDeadline(t *testing.T) {
	t.Parallel()
	api := open(t, Config{Host: serve(t, hang(""))})
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, errors.New("another cause"))
	defer cancel()
	_, err := api.Clients.List(ctx, ClientListOptions{Phone: secretPhone})
	checkError(t, err, ErrTimeout, 0)
}

// A caller that leaves gets its own context's error. WispHub stays healthy.
func TestTransport_Cancelled(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"no answer": "", "half an answer": `{"count": 1, "resul`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			arrived := make(chan struct{})
			api := open(t, Config{Host: serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				arrived <- struct{}{}
				hang(text)(w, r)
			}))})
			for range unhealthyAfter {
				ctx, cancel := context.WithCancelCause(t.Context())
				go func() {
					<-arrived
					cancel(errors.New("the page was closed"))
				}()
				_, err := api.Clients.List(ctx, ClientListOptions{Phone: secretPhone})
				if !errors.Is(err, context.Canceled) || errors.Is(err, ErrTimeout) {
					t.Errorf("Clients.List = %v, want %v", err, context.Canceled)
				}
			}
			if !api.Healthy() {
				t.Errorf("Healthy() = false after %d cancelled calls, want true", unhealthyAfter)
			}
		})
	}
}

func TestTransport_CancelledBeforeTheCall(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) { t.Error("a cancelled call arrived") })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := api.Zones.List(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Zones.List = %v, want %v", err, context.Canceled)
	}
}

func TestTransport_ConnectionRefused(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := "http://user:canary@" + listener.Addr().String() + "/?token=canary"
	listener.Close()
	checkError(t, privateList(t, open(t, Config{Host: host})), ErrUnavailable, 0)
}

// The error must not quote a key that is not a valid header value.
func TestTransport_KeyUnfitForAHeader(t *testing.T) {
	t.Parallel()
	api, err := New(Config{Host: "http://127.0.0.1:1", Key: "canary\n"})
	if err != nil {
		t.Fatal(err)
	}
	checkError(t, privateList(t, api), ErrUnavailable, 0)
}

func TestTransport_BrokenAnswers(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	for name, test := range map[string]struct {
		answer string
		want   error
		status int
	}{
		"nothing":        {"", ErrUnavailable, 0},
		"not HTTP":       {strings.Repeat("x", 100_000) + "\r\n\r\n", ErrUnavailable, 0},
		"broken header":  {"HTTP/1.1 200 OK\r\n" + strings.Repeat("x", 100_000) + "\r\n\r\n[]", ErrUnavailable, 0},
		"broken length":  {ok + "Content-Length: many\r\n\r\n[]", ErrUnavailable, 0},
		"cut off":        {ok + "Content-Length: 100\r\n\r\n" + `{"count": 1, "resul`, ErrUnavailable, 0},
		"cut off chunk":  {ok + "Transfer-Encoding: chunked\r\n\r\n40\r\n[", ErrUnavailable, 0},
		"long type":      {"HTTP/1.1 200 OK\r\nContent-Type: x/" + strings.Repeat("x", 100_000) + "\r\n\r\n[]", ErrInvalidResponse, 200},
		"other protocol": {"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", ErrInvalidResponse, 101},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := open(t, Config{Host: serve(t, raw(t, test.answer))})
			checkError(t, privateList(t, api), test.want, test.status)
		})
	}
}

// raw writes answer to the bare connection. If the answer switches protocols, the client must
// close the connection.
func raw(t *testing.T, answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Errorf("Hijack = %v", err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, answer)
		if strings.Contains(answer, "101") {
			conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
				t.Errorf("Read = %v, want %v because the client closed the connection", err, io.EOF)
			}
		}
	}
}
