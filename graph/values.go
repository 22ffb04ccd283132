package graph

import (
	"bytes"
	"encoding/json"
)

// maxValues bounds the values in an operation's variables: as many as a document could hold at most. They are copied more
// than once on their way to a resolver.
const maxValues = 2000

// decodeVariables reads the variables, numbers as they are written. It makes no value before it has counted them.
func decodeVariables(text json.RawMessage) (variables map[string]any, err error) {
	if len(text) == 0 {
		return nil, nil
	}
	if err := atMost(maxValues, countValues(text), "The variables may hold at most %d values."); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	err = decoder.Decode(&variables)
	return variables, err
}

// countValues counts the values in a text that is known to be JSON: one each that a comma, a list or an object leads to.
func countValues(text []byte) (count int) {
	inString := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case !inString && (c == ',' || c == '[' || c == '{'):
			count++
		}
	}
	return count
}
