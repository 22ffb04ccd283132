package graph

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestCountValues(t *testing.T) {
	t.Parallel()
	tests := map[string]int{
		`null`:                         0,
		`{}`:                           1,
		`{"a":1}`:                      1,
		`{"a":1,"b":[1,2,{"c":null}]}`: 6,
		`{"a":"[{,","b\"[{,":"\\"}`:    2,
		`[[],[],{}]`:                   6,
	}
	for text, want := range tests {
		if got := countValues([]byte(text)); got != want {
			t.Errorf("countValues(%s) = %d, want %d", text, got, want)
		}
	}
}

func TestDecodeVariables(t *testing.T) {
	t.Parallel()
	got, err := decodeVariables(json.RawMessage(`{"n":12345678901234567890}`))
	if err != nil || got["n"] != json.Number("12345678901234567890") {
		t.Errorf("decodeVariables = %v, %v, want the number as it is written", got, err)
	}
	if _, err := decodeVariables(json.RawMessage(`["a"]`)); err == nil {
		t.Error("decodeVariables took a list")
	}
	for count, ok := range map[int]bool{maxValues: true, maxValues + 1: false} {
		list := `{"n":[` + strings.Repeat("1,", count-2) + `1]}`
		_, err := decodeVariables(json.RawMessage(list))
		if tooMuch := (*limitError)(nil); errors.As(err, &tooMuch) == ok {
			t.Errorf("decodeVariables(%d values) = %v, want it to pass: %t", count, err, ok)
		}
	}
}
