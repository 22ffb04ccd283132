package rest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/quick"

	"wisphub-graphql/auth"
	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub/wisphubtest"
)

// clientListAnswer is a list of clients as callers decode it.
type clientListAnswer struct {
	Action string
	Data   []struct {
		ServiceID int `json:"service_id"`
	}
	Meta struct {
		Total int
		AsOf  string `json:"as_of"`
	}
}

// readList decodes a list of clients.
func readList(t *testing.T, got answer) (action string, list []int, total int) {
	t.Helper()
	var l clientListAnswer
	if err := json.Unmarshal([]byte(got.body), &l); err != nil || l.Meta.AsOf == "" {
		t.Fatalf("%s: %v", got.body, err)
	}
	for _, c := range l.Data {
		list = append(list, c.ServiceID)
	}
	return l.Action, list, l.Meta.Total
}

func TestClients_Lists(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	s.upstream.PutRow(row{"id_servicio": 31, "nombre": "Cleo", "estado": "Cancelado", "zona": row{"id": 2, "nombre": "M"}})
	for _, test := range []struct {
		path, action string
		want         string
		total        int
	}{
		{"clients/", "CLIENTS_LISTED", "26 30 31", 3},
		{"clients?limit=1", "CLIENTS_LISTED", "26", 3},
		{"clients?limit=1&offset=1", "CLIENTS_LISTED", "30", 3},
		{"clients?limit=5&offset=2", "CLIENTS_LISTED", "31", 3},
		{"clients?offset=7", "CLIENTS_LISTED", "", 3},
		{"clients?status=suspendido", "CLIENTS_LISTED", "30", 1},
		{"clients?status=ACTIVE&zone_id=2", "CLIENTS_LISTED", "26", 1},
		{"clients?zone_id=2", "CLIENTS_LISTED", "26 31", 2},
		{"clients?zone_id=77", "CLIENTS_LISTED", "", 0},
		{"clients/search?q=PEREZ%20ana", "CLIENTS_LISTED", "26", 1},
		{"clients/search/?q=", "CLIENTS_LISTED", "26 30 31", 3},
		{"clients/search?q=nadie", "CLIENT_NOT_FOUND", "", 0},
	} {
		got := s.call(t, "ben", "GET", "/api/v1/"+test.path, "")
		action, list, total := readList(t, got)
		texts := make([]string, len(list))
		for i, id := range list {
			texts[i] = strconv.Itoa(id)
		}
		if action != test.action || strings.Join(texts, " ") != test.want || total != test.total || !strings.Contains(got.body, `"ok":true,"type":"success"`) {
			t.Errorf("%s = %s %v of %d, want %s %s of %d", test.path, action, list, total, test.action, test.want, test.total)
		}
	}
	for _, path := range []string{
		"clients?status=x&zone_id=0&limit=0&offset=-1", "clients/search", "clients/search?q=" + strings.Repeat("x", 201), "clients?status=Activo;x", "clients?status=%zz",
		"clients?zone_id=2&zone_id=4", "clients/search?q=%zz", "clients?limit=%2B1",
	} {
		if got := s.call(t, "ben", "GET", "/api/v1/"+path, ""); got.status != 422 || !strings.Contains(got.body, "Error de validación: ") {
			t.Errorf("%s = %d %s, want 422", path, got.status, got.body)
		}
	}
}

// A list is answered with 304 until it changes.
func TestClients_NotModified(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	first := s.call(t, "ana", "GET", "/api/v1/clients", "")
	tag := first.header.Get("ETag")
	revalidate := func(path, tags string) int {
		request, err := http.NewRequestWithContext(t.Context(), "GET", s.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+s.tokens["ana"])
		request.Header.Set("If-None-Match", tags)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if body, _ := io.ReadAll(response.Body); response.StatusCode == 304 && len(body) > 0 {
			t.Errorf("GET %s = 304 with the body %s, want no body", path, body)
		}
		return response.StatusCode
	}
	for tags, want := range map[string]int{tag: 304, `"x", ` + tag: 304, "*": 304, `"x"`: 200, "": 200} {
		if got := revalidate("/api/v1/clients", tags); got != want || tag == "" {
			t.Errorf("GET with If-None-Match %q = %d, want %d", tags, got, want)
		}
	}
	if got := revalidate("/api/v1/clients?limit=1", tag); got != 200 {
		t.Errorf("GET of another list = %d, want 200", got)
	}
	s.call(t, "ana", "PUT", "/api/v1/clients/30", `{"city":"Bello"}`)
	if got := revalidate("/api/v1/clients", tag); got != 200 {
		t.Errorf("GET after a write = %d, want 200", got)
	}
}

func TestClients_Gzip(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	plain := s.call(t, "ana", "GET", "/api/v1/clients", "")
	for accept, zipped := range map[string]bool{"gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false, "gzip;Q=0": false, "br": false, "": false} {
		request, err := http.NewRequestWithContext(t.Context(), "GET", s.base+"/api/v1/clients/", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+s.tokens["ana"])
		request.Header.Set("Accept-Encoding", accept) // setting it stops the client from decompressing
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if got := response.Header.Get("Content-Encoding") == "gzip"; got != zipped {
			t.Errorf("GET with Accept-Encoding %q: gzip = %t, want %t", accept, got, zipped)
		}
		if zipped {
			reader, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			body, _ = io.ReadAll(reader)
		}
		if got := strings.TrimSpace(string(body)); got != plain.body {
			t.Errorf("GET with Accept-Encoding %q = %s, want %s", accept, got, plain.body)
		}
	}
}

// Every text survives encoding, whatever characters it contains.
func TestAppendText(t *testing.T) {
	t.Parallel()
	survives := func(text string) bool {
		var decoded *string
		if err := json.Unmarshal(appendText(nil, isp.Text(text)), &decoded); err != nil {
			return false
		}
		return decoded == nil && text == "" || decoded != nil && *decoded == strings.ToValidUTF8(text, "\ufffd")
	}
	if err := quick.Check(survives, nil); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"", `"`, `\`, "\n", "<a>", "ñ", "\x7f", "\u2028"} {
		if !survives(text) {
			t.Errorf("appendText(%q) = %s, want JSON of the same text", text, appendText(nil, isp.Text(text)))
		}
	}
}

// BenchmarkClients measures an answer with every client. The yardstick writes the same bytes,
// already encoded.
func BenchmarkClients(b *testing.B) {
	for _, count := range []int{2_000, 20_000} {
		upstream := wisphubtest.New(wisphubtest.Config{Clients: count, Tickets: -1, Seed: 1})
		provider := newProvider(b, upstream, slog.New(slog.DiscardHandler), nil)
		handler := New(Config{Auth: &fakeAuth{}, Provider: provider})
		request := httptest.NewRequest("GET", "/api/v1/clients/", nil)
		request = request.WithContext(auth.NewContext(b.Context(), &auth.Caller{Scopes: auth.AllScopes()}))
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		encoded := recorder.Body.Bytes()
		zipped := request.Clone(request.Context())
		zipped.Header.Set("Accept-Encoding", "gzip")
		for name, serve := range map[string]func(w http.ResponseWriter){
			"answer":    func(w http.ResponseWriter) { handler.ServeHTTP(w, request) },
			"gzip":      func(w http.ResponseWriter) { handler.ServeHTTP(w, zipped) },
			"yardstick": func(w http.ResponseWriter) { _, _ = w.Write(encoded) },
		} {
			b.Run(name+"/"+strconv.Itoa(count), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(encoded)))
				for b.Loop() {
					serve(&discardWriter{header: http.Header{}})
				}
			})
		}
		upstream.Close()
	}
}

// discardWriter is a ResponseWriter that drops what is written.
type discardWriter struct{ header http.Header }

func (d *discardWriter) Header() http.Header         { return d.header }
func (d *discardWriter) Write(p []byte) (int, error) { return len(p), nil }
func (d *discardWriter) WriteHeader(int)             {}
