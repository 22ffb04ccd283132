package rest

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/inflight"
	"wisphub-graphql/isp"
)

// getList returns the answer to a request for all clients, with its body unpacked.
func getList(t *testing.T, s *testServer, accept string) (body string, header http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.base+"/api/v1/clients/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.tokens["ana"])
	request.Header.Set("Accept-Encoding", accept)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if length := response.Header.Get("Content-Length"); length != "" && length != strconv.Itoa(len(text)) {
		t.Errorf("Content-Length of %d bytes = %s", len(text), length)
	}
	if err == nil && response.Header.Get("Content-Encoding") == "gzip" {
		var reader *gzip.Reader
		if reader, err = gzip.NewReader(bytes.NewReader(text)); err == nil {
			text, err = io.ReadAll(reader)
		}
	}
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("GET = %d, %v", response.StatusCode, err)
	}
	return string(text), response.Header
}

// Test16_6_ReadyIsStreamed expects the ready list to have the bytes and the headers of the streamed
// one, and the writes that were made since.
func Test16_6_ReadyIsStreamed(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	addClients(t, s)
	previous := ""
	for _, city := range []string{"Bello", "Itagüí", "La Ceja"} {
		s.call(t, "ana", "PUT", "/api/v1/clients/30", `{"city":"`+city+`"}`)
		streamed, first := getList(t, s, "identity")
		if streamed == previous || !bytes.Contains([]byte(streamed), []byte(city)) {
			t.Errorf("the list after a write = %s, want %s in it", streamed, city)
		}
		previous = streamed
		for _, accept := range []string{"identity", "gzip", "gzip", "gzip", "identity"} {
			ready, header := getList(t, s, accept)
			if ready != streamed {
				t.Errorf("the ready list = %s, want %s", ready, streamed)
			}
			for _, name := range []string{"ETag", "Content-Type", "Vary", "Cache-Control"} {
				if header.Get(name) != first.Get(name) {
					t.Errorf("%s of the ready list = %q, want %q", name, header.Get(name), first.Get(name))
				}
			}
		}
	}
	lists := &s.handler.api.ready
	if lists.current[plain] == nil || lists.current[zipped] == nil || lists.bytes == 0 {
		t.Error("the lists were streamed, want them ready")
	}
	if got := s.call(t, "", "GET", "/api/v1/clients/", ""); got.status != http.StatusUnauthorized {
		t.Errorf("GET of the ready list without a token = %d, want 401", got.status)
	}
	for _, path := range []string{"?limit=1", "?offset=1", "?status=Activo", "?zone_id=2", "/search?q="} {
		if got := s.call(t, "ana", "GET", "/api/v1/clients"+path, ""); got.header.Get("Content-Length") != "" && got.body == previous {
			t.Errorf("GET %s = the list of all clients", path)
		}
	}
}

// unread is the connection of a caller who does not read before gone is closed.
type unread struct {
	*httptest.ResponseRecorder
	gone chan struct{}
}

func (w unread) Write(p []byte) (int, error) {
	<-w.gone
	return 0, io.ErrClosedPipe
}

// Test16_6_SlowReadersOfReadyLists expects 520 callers who do not read a ready list to leave others room,
// places and turns, and the list to be forgotten after them.
func Test16_6_SlowReadersOfReadyLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := inflight.New(inflight.Limits{
			Operations: 2, RequestBytes: 8 << 20, AnswerBytes: 16 << 20, HeavyBytes: 4 << 20, Heavy: 1, Turns: 1,
		})
		a, list := &api{}, clientList{selection: &isp.ClientSelection{Tag: "1"}}
		for range 2 {
			if made := a.ready.acquire(t.Context(), versionOf(list.selection), plain, filler(8<<20)); made != nil {
				a.ready.release(made)
			}
		}
		gone := make(chan struct{})
		for n := range 521 {
			underWay := begun(t, limiter, strconv.Itoa(n))
			if err := underWay.Reserve(t.Context(), listBytes); err != nil {
				t.Fatalf("caller %d: %v", n, err)
			}
			if n == 520 { // the other caller
				underWay.End()
				break
			}
			go func() {
				defer underWay.End()
				r := httptest.NewRequestWithContext(inflight.NewContext(t.Context(), underWay), http.MethodGet, "/", nil)
				if !a.sendReady(inflight.NewWriter(unread{httptest.NewRecorder(), gone}, underWay), r, list, false) {
					t.Errorf("caller %d gets no ready list", n)
				}
			}()
			synctest.Wait()
		}
		close(gone)
		time.Sleep(2 * readyIdle)
		synctest.Wait()
		if a.ready.bytes != 0 || a.ready.current[plain] != nil {
			t.Errorf("%d bytes are left, want none", a.ready.bytes)
		}
	})
}
