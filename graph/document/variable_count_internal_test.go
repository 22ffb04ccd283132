package document

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestCountJSONValues(t *testing.T) {
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
		if got := countJSONValues([]byte(text)); got != want {
			t.Errorf("countJSONValues(%s) = %d, want %d", text, got, want)
		}
	}
}

func TestDecodeVariables(t *testing.T) {
	t.Parallel()
	got, err := DecodeVariables(json.RawMessage(`{"n":12345678901234567890}`))
	if err != nil || got["n"] != json.Number("12345678901234567890") {
		t.Errorf("DecodeVariables = %v, %v, want the number without rounding", got, err)
	}
	if got, err := DecodeVariables(json.RawMessage(`["a"]`)); err == nil {
		t.Errorf("DecodeVariables(a list) = %v, want an error", got)
	}
}

func TestDecodeVariables_MaxValues(t *testing.T) {
	t.Parallel()
	for count, ok := range map[int]bool{maxVariableValues: true, maxVariableValues + 1: false} {
		list := `{"n":[` + strings.Repeat("1,", count-2) + `1]}`
		_, err := DecodeVariables(json.RawMessage(list))
		if limit := (*LimitError)(nil); errors.As(err, &limit) == ok {
			t.Errorf("DecodeVariables(%d values) = %v, want a limit error: %t", count, err, !ok)
		}
	}
}
