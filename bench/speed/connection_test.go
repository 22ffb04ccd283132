package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// Test16_8_Connection expects a connection to read every form of answer, one after the other.
func Test16_8_Connection(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("0123456789", 20_000)
	s := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case bytes.Contains(body, []byte("large")):
			_, _ = io.WriteString(w, large) // in chunks
		case bytes.Contains(body, []byte("refused")):
			http.Error(w, "busy", http.StatusServiceUnavailable)
		case bytes.Contains(body, []byte("sized")):
			w.Header().Set("Content-Length", strconv.Itoa(len(large)))
			_, _ = io.WriteString(w, large)
		default:
			_, _ = w.Write(body)
		}
	})
	conn, err := dial(s.host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.close()
	for range 2 {
		for body, want := range map[string]string{`"large",{"n":1}}`: large, `"sized",{"n":1}}`: large, `"small",{"n":1}}`: `"small",{"n":1}}`} {
			answer, err := conn.ask(rawRequest("", "/", []byte(body)))
			if err != nil || string(answer) != want {
				t.Errorf("ask(%s) = %d bytes, %v, want %d", body, len(answer), err, len(want))
			}
		}
		if _, err := conn.ask(rawRequest("", "/", []byte(`"refused"`))); !errors.Is(err, errRefused) || !strings.Contains(err.Error(), "busy") {
			t.Errorf("ask = %v, want a refusal", err)
		}
	}
}
