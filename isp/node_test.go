package isp

import (
	"errors"
	"strings"
	"testing"
)

func TestParseNodeID(t *testing.T) {
	t.Parallel()
	tests := []struct{ id, kind, key string }{ // kind "" for an error
		{"client:26", "client", "26"},
		{"task:0f8b-1", "task", "0f8b-1"},
		{"a:b:c", "a", "b:c"},
		{"client: 26", "client", " 26"},
		{"", "", ""},
		{":", "", ""},
		{"client", "", ""},
		{"client:", "", ""},
		{":26", "", ""},
	}
	for _, test := range tests {
		kind, key, err := ParseNodeID(test.id)
		if kind != test.kind || key != test.key {
			t.Errorf("ParseNodeID(%q) = %q, %q, %v, want %q, %q", test.id, kind, key, err, test.kind, test.key)
		}
		if test.kind == "" {
			wantInputError(t, "ParseNodeID("+test.id+")", err, "id")
		}
	}
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"1": 1, "26": 26, "2147483647": 2147483647} {
		if got, err := ParseKey(text); got != want || err != nil {
			t.Errorf("ParseKey(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "+26", "026", " 26", "26 ", "x", "2.0", "1e3", "٢"} {
		got, err := ParseKey(text)
		if got != 0 {
			t.Errorf("ParseKey(%q) = %d, want 0", text, got)
		}
		wantInputError(t, "ParseKey("+text+")", err, "id")
	}
}

func TestErrNodeKind_IsInputError(t *testing.T) {
	t.Parallel()
	wantInputError(t, "ErrNodeKind", ErrNodeKind, "id")
	if !strings.HasPrefix(ErrNodeKind.Error(), "id: ") {
		t.Errorf("ErrNodeKind = %q, want it to name the field", ErrNodeKind)
	}
}

// Each record has one id only: formatting a parsed id returns the same text.
func FuzzNodeID(f *testing.F) {
	for _, seed := range []string{"client:26", "plan:3", "task:x", "client:", ":", "client:026", "client:+1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		kind, key, err := ParseNodeID(id)
		if input := (*InputError)(nil); err != nil && !errors.As(err, &input) {
			t.Errorf("ParseNodeID(%q) = %v, want an InputError", id, err)
		}
		if err != nil {
			return
		}
		if kind+":"+key != id {
			t.Errorf("ParseNodeID(%q) = %q, %q, want the two parts of the id", id, kind, key)
		}
		if number, err := ParseKey(key); err == nil && isID(number) && nodeID(kind, number) != id {
			t.Errorf("nodeID(%q, %d) = %q, want %q", kind, number, nodeID(kind, number), id)
		}
	})
}
