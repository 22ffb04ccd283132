package transport

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// bodies are seeds for the fuzz tests of JSON.
var bodies = []string{
	`{"query":"{a}"}`, `{"query":"{a}","variables":{"a":1},"operationName":"b","extensions":{}}`, `[{"query":"{a}"}]`, `{"query":`,
	`{"query":"{a}"}{"query":"{b}"}`, `{"query":"{a}","variables":{"a":1e400,"b":{"c":[null]}}}`, "null", "", " ", "\xff",
	`{"id":"1","type":"subscribe","payload":{"query":"subscription{a}"}}`,
	`{"type":"connection_init","payload":{"authorization":"Bearer a.b.c","Authorization":"Bearer d"}}`,
}

// FuzzDecodeParams checks that an accepted body is one JSON object with a query.
func FuzzDecodeParams(f *testing.F) {
	for _, body := range bodies {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		params, err := decodeParams(body, nil)
		if err != nil {
			if params != nil {
				t.Errorf("decodeParams(%q) = %v and error %v, want no params", body, params, err)
			}
			return
		}
		if strings.TrimSpace(params.Query) == "" || !json.Valid(body) || bytes.TrimSpace(body)[0] != '{' {
			t.Errorf("decodeParams(%q) = %+v, want an error", body, params)
		}
	})
}

// FuzzSocketMessage checks that a token is found only in a member with that name, and that a
// decoded message can be encoded.
func FuzzSocketMessage(f *testing.F) {
	for _, body := range bodies {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var m message
		if json.Unmarshal(text, &m) != nil {
			return
		}
		token := payloadToken(m.Payload)
		if lower := bytes.ToLower(m.Payload); token != "" && json.Valid(m.Payload) && !bytes.ContainsAny(lower, `\`) &&
			(!bytes.Contains(lower, []byte("bearer")) || !bytes.Contains(m.Payload, []byte(token)) && !bytes.ContainsRune([]byte(token), '�')) {
			t.Errorf("payloadToken(%s) = %q, want none", m.Payload, token)
		}
		if _, err := decodeParams(m.Payload, nil); err == nil && m.Payload == nil {
			t.Error("decodeParams(nil) = nil error, want an error")
		}
		if _, err := json.Marshal(m); err != nil {
			t.Errorf("Marshal of the decoded message %q: %v", text, err)
		}
	})
}

// FuzzQuality checks that a quality is between 0 and 1.
func FuzzQuality(f *testing.F) {
	for _, accept := range []string{"*/*", "application/json;q=0.5, text/event-stream", "application/*;q=-1", ";q=NaN", "a/b;q=1;q=2", ""} {
		f.Add(accept)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		q, named := quality([]string{accept}, typeJSON)
		if !(0 <= q && q <= 1) || named && !strings.Contains(strings.ToLower(accept), typeJSON) {
			t.Errorf("quality(%q) = %v, %t, want 0 to 1, and named only if the header has the type", accept, q, named)
		}
	})
}
