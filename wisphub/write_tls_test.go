package wisphub

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// Reads may use HTTP/2. Writes must not: net/http resends what a peer resets there.
func TestWrite_HTTP1(t *testing.T) {
	t.Parallel()
	var writes atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		want := 2
		if r.Method == http.MethodPost {
			want = 1
			writes.Add(1)
		}
		if r.ProtoMajor != want {
			t.Errorf("%s used %s, want HTTP/%d", r.Method, r.Proto, want)
		}
		io.Copy(io.Discard, r.Body)
		reply(http.StatusAccepted, jsonType, `{"task_id": "x", "count": 0, "results": []}`)(w, r)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	api := open(t, Config{Host: server.URL})
	for _, transport := range []*http.Transport{api.readTransport, api.writeTransport} {
		if transport.TLSClientConfig == nil {
			transport.TLSClientConfig = &tls.Config{}
		}
		transport.TLSClientConfig.InsecureSkipVerify = true
	}
	for range 2 {
		if _, err := api.Zones.List(t.Context()); err != nil {
			t.Errorf("Zones.List = %v, want no error", err)
		}
		if err := ping(t.Context(), api); err != nil {
			t.Errorf("Ping = %v, want no error", err)
		}
	}
	if writes.Load() != 2 {
		t.Errorf("%d writes arrived, want 2", writes.Load())
	}
}
