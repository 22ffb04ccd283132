package wisphubtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Row returns a copy of a client's row as a request would get it now and encoding/json reads it (a number is a float64), nil when
// there is none. Change it and give it to [Server.PutRow].
func (s *Server) Row(id int) map[string]any {
	s.tasks.finishDue()
	return s.clientRowByID(id)
}

// clientRow is Row for what may not wait for tasks.
func (s *Server) clientRowByID(id int) map[string]any {
	data := s.clients.get(id)
	if data == nil {
		return nil
	}
	return decodeRow(data)
}

// PutRow adds a client's row, or replaces the one with its id_servicio. The values may be anything that JSON can say:
// missing keys, extra keys and wrong types are served as they are. A row whose id_servicio is no whole number from 1 is
// listed last, and every such row is another one. PutRow panics on values that JSON cannot say.
func (s *Server) PutRow(row map[string]any) {
	data := encode(inOrder(row, clientColumns))
	// Reading it back makes one kind of number of all of Go's.
	s.clients.put(&clientRecord{clientKeys: filterKeysOf(decodeRow(data)), data: data})
}

// DeleteRow removes a client's row, if there is one.
func (s *Server) DeleteRow(id int) {
	s.clients.delete(id)
}

// Rows returns how many rows the list of clients has.
func (s *Server) RowCount() int {
	return s.clients.count()
}

// IDs returns the id_servicio of every row that has a usable one, in order. There are gaps, as where services were deleted.
func (s *Server) IDs() []int {
	return s.clients.ids()
}

func decodeRow(data []byte) map[string]any {
	var row map[string]any
	if err := json.Unmarshal(data, &row); err != nil {
		panic(fmt.Sprintf("wisphubtest: reading back a row: %v", err))
	}
	return row
}

// clientColumns are the keys of a client's row in the order in which WispHub Net sends them.
var clientColumns = jsonNames(reflect.TypeFor[clientRow]())

func jsonNames(t reflect.Type) []string {
	var names []string
	for field := range t.Fields() {
		names = append(names, field.Tag.Get("json"))
	}
	return names
}

// inOrder puts the keys of a row in the order of the columns, and what is no column behind them.
func inOrder(row map[string]any, columns []string) object {
	ordered := pick(row, columns...)
	for _, key := range slices.Sorted(maps.Keys(row)) {
		if !slices.Contains(columns, key) {
			ordered = append(ordered, member{key, row[key]})
		}
	}
	return ordered
}

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	key   string
	value any
}

// pick returns the members of row with these keys, in this order, without those that row lacks.
func pick(row map[string]any, keys ...string) object {
	var picked object
	for _, key := range keys {
		if value, ok := row[key]; ok {
			picked = append(picked, member{key, value})
		}
	}
	return picked
}

// MarshalJSON writes the members in order.
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
