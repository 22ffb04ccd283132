package wisphubtest

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// Row returns a copy of a client's row as a request would get it now, nil if there is none. It is
// decoded by encoding/json, so numbers are float64. To change a client, change the copy and pass
// it to [Server.PutRow].
func (s *Server) Row(id int) map[string]any {
	s.tasks.finishDue()
	return s.clientRowByID(id)
}

// clientRowByID is [Server.Row] without finishing due tasks, for callers that hold a lock.
func (s *Server) clientRowByID(id int) map[string]any {
	data := s.clients.get(id)
	if data == nil {
		return nil
	}
	return decodeRow(data)
}

// PutRow adds a client's row, or replaces the row with the same id_servicio. Missing keys, extra
// keys and wrong types are served as they are.
//
// A row whose id_servicio is not a positive integer is listed last and never replaces another.
// PutRow panics on values that encoding/json cannot encode.
func (s *Server) PutRow(row map[string]any) {
	data := encode(inOrder(row, clientColumns))
	// Decoding turns every numeric type of the caller's map into float64.
	s.clients.put(&clientRecord{clientKeys: filterKeysOf(decodeRow(data)), data: data})
}

// DeleteRow removes a client's row. It does nothing if there is none.
func (s *Server) DeleteRow(id int) {
	s.clients.delete(id)
}

// RowCount returns the number of rows in the list of clients.
func (s *Server) RowCount() int {
	return s.clients.count()
}

// IDs returns the id_servicio of each row with a usable one, in ascending order. There are gaps,
// as deleted services leave them.
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

// clientColumns are the keys of a client's row in WispHub's order.
var clientColumns = jsonNames(reflect.TypeFor[clientRow]())
