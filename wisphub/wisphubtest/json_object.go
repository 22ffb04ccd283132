package wisphubtest

import (
	"bytes"
	"maps"
	"reflect"
	"slices"
)

// inOrder sorts the members of a row by columns, and puts other keys behind them.
func inOrder(row map[string]any, columns []string) object {
	ordered := pick(row, columns...)
	for _, key := range slices.Sorted(maps.Keys(row)) {
		if !slices.Contains(columns, key) {
			ordered = append(ordered, member{key, row[key]})
		}
	}
	return ordered
}

// object is a JSON object that keeps the order of its members.
type object []member

type member struct {
	key   string
	value any
}

// pick returns the members of row with these keys, in this order. It skips keys that row lacks.
func pick(row map[string]any, keys ...string) object {
	var picked object
	for _, key := range keys {
		if value, ok := row[key]; ok {
			picked = append(picked, member{key, value})
		}
	}
	return picked
}

// MarshalJSON encodes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(encode(m.key))
		b.WriteByte(':')
		b.Write(encode(m.value))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// jsonNames returns the JSON keys of a struct type in the order of its fields.
func jsonNames(t reflect.Type) []string {
	var names []string
	for field := range t.Fields() {
		names = append(names, field.Tag.Get("json"))
	}
	return names
}
