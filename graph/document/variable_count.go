package document

import (
	"bytes"
	"encoding/json"
)

// maxVariableValues bounds the values in an operation's variables, which are copied several times
// before a resolver gets them. A document cannot hold more values, either.
const maxVariableValues = 2000

// DecodeVariables decodes the variables of a request, with numbers as [json.Number]. It counts the
// values before it decodes them, and returns a [LimitError] if there are too many.
func DecodeVariables(text json.RawMessage) (variables map[string]any, err error) {
	if len(text) == 0 {
		return nil, nil
	}
	if err := checkLimit(maxVariableValues, countJSONValues(text), "The variables exceed the maximum of %d values."); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	err = decoder.Decode(&variables)
	return variables, err
}

// countJSONValues counts the values in valid JSON: one for each comma, list and object.
func countJSONValues(text []byte) (count int) {
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
