package wisphub

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzCountElements compares with what decoding finds, in lists and in the lists of an object.
func FuzzCountElements(f *testing.F) {
	addSeeds(f)
	for _, value := range []string{`[1, [2, 3], {"a": [4]}]`, `{"count": 1, "results": [{"a": "]\\\","}, {}], "x": {"y": 1}}`, `[[], {}, "", [""]]`} {
		f.Add([]byte(value))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) {
			return
		}
		if one, two := countMembers(data, 1), countMembers(data, 2); countElements(data, 1) != one || countElements(data, 2) != two {
			t.Errorf("countElements(%s) at 1 and 2 = %d and %d, want %d and %d", data, countElements(data, 1), countElements(data, 2), one, two)
		}
	})
}

// countMembers decodes and counts, as often as a key of an object is repeated.
func countMembers(data []byte, at int) (count int) {
	for _, member := range membersOf(data) {
		if count++; at > 1 {
			count += countMembers(member, at-1) - 1
		}
	}
	return count
}

// membersOf returns the values of a list or an object; none for anything else.
func membersOf(data []byte) (members []json.RawMessage) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	start, _ := decoder.Token() // the syntax is good
	if start != json.Delim('[') && start != json.Delim('{') {
		return nil
	}
	for decoder.More() {
		if start == json.Delim('{') {
			_, _ = decoder.Token() // the key
		}
		var member json.RawMessage
		if decoder.Decode(&member) != nil {
			return members
		}
		members = append(members, member)
	}
	return members
}
