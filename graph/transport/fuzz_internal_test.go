package transport

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// bodies are where the fuzzers of JSON start.
var bodies = []string{
	`{"query":"{a}"}`, `{"query":"{a}","variables":{"a":1},"operationName":"b","extensions":{}}`, `[{"query":"{a}"}]`, `{"query":`,
	`{"query":"{a}"}{"query":"{b}"}`, `{"query":"{a}","variables":{"a":1e400,"b":{"c":[null]}}}`, "null", "", " ", "\xff",
	`{"id":"1","type":"subscribe","payload":{"query":"subscription{a}"}}`,
	`{"type":"connection_init","payload":{"authorization":"Bearer a.b.c","Authorization":"Bearer d"}}`,
}

// FuzzDecodeParams: whatever is posted is one request with a query, or an error, and all of it was read.
func FuzzDecodeParams(f *testing.F) {
	for _, body := range bodies {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		params, err := decodeParams(body, nil)
		if err != nil {
			if params != nil {
				t.Errorf("decodeParams(%q) = %v beside %v", body, params, err)
			}
			return
		}
		if strings.TrimSpace(params.Query) == "" || !json.Valid(body) || bytes.TrimSpace(body)[0] != '{' {
			t.Errorf("decodeParams(%q) = %+v, want an error", body, params)
		}
	})
}

// FuzzSocketMessage: whatever comes over a socket is a message or not, and a token is found only where a member of that name
// holds it.
func FuzzSocketMessage(f *testing.F) {
	for _, body := range bodies {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var m message
		if json.Unmarshal(text, &m) != nil {
			return
		}
		token := tokenIn(m.Payload)
		if lower := bytes.ToLower(m.Payload); token != "" && json.Valid(m.Payload) && !bytes.ContainsAny(lower, `\`) &&
			(!bytes.Contains(lower, []byte("bearer")) || !bytes.Contains(m.Payload, []byte(token)) && !bytes.ContainsRune([]byte(token), '�')) {
			t.Errorf("tokenIn(%s) = %q", m.Payload, token)
		}
		if _, err := decodeParams(m.Payload, nil); err == nil && m.Payload == nil {
			t.Errorf("no payload is a request")
		}
		if _, err := json.Marshal(m); err != nil {
			t.Errorf("%q is read and cannot be written: %v", text, err)
		}
	})
}

// FuzzQuality: whatever is accepted, the liking is between nothing and all.
func FuzzQuality(f *testing.F) {
	for _, accept := range []string{"*/*", "application/json;q=0.5, text/event-stream", "application/*;q=-1", ";q=NaN", "a/b;q=1;q=2", ""} {
		f.Add(accept)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		liking, named := quality([]string{accept}, jsonType)
		if !(0 <= liking && liking <= 1) || named && !strings.Contains(strings.ToLower(accept), jsonType) {
			t.Errorf("quality(%q) = %v, %v", accept, liking, named)
		}
	})
}
