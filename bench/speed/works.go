package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// work is one question of the yardsticks.
type work struct {
	number   int // from 1
	name     string
	document string // %d is the service id of one client, if there is any
	root     string // field below data
	rows     int    // in the answer; 0 for one object
	required []string
}

const rowFields = "serviceId name document phone status invoiceStatus balance cutOffDate"

// works are those of the table in docs/performance.md.
var works = []work{
	{
		number: 1, name: "one client", root: "client",
		document: "{client(by:{serviceId:%d}){serviceId name phone status balance plan{name} zone{name}}}",
		required: []string{"serviceId", "name", "status"},
	},
	{
		number: 2, name: "50 rows, plan, zone", root: "clients", rows: 50,
		document: "{clients(first:50){totalCount nodes{" + rowFields + " plan{name price} zone{name}}}}",
		required: []string{"serviceId", "name", "status", "plan.price", "zone.name"},
	},
	{
		number: 3, name: "100 tickets, client, plan", root: "tickets", rows: 100,
		document: "{tickets(first:100){totalCount nodes{ticketId subject status priority createdAt technicianName " +
			"client{serviceId name phone plan{name price}}}}}",
		required: []string{"ticketId", "subject", "status", "client.name", "client.plan.price"},
	},
	{
		number: 4, name: "2,000 rows, 14 fields", root: "clients", rows: 2000,
		document: "{clients(first:2000){totalCount nodes{" + rowFields + " address locality city email ip macAddress}}}",
		required: []string{"serviceId", "name", "status", "document", "address", "ip"},
	},
	{
		number: 5, name: "search, 20 rows", root: "clients", rows: 20,
		document: `{clients(first:20,search:"maria"){totalCount nodes{` + rowFields + ` plan{name} zone{name}}}}`,
		required: []string{"serviceId", "name", "status"},
	},
}

// firstNumber is the number in a body, which has the same length for the rest of the run.
const firstNumber = 1_000_000_000

// body returns a request that carries a number in a variable that the document does not declare.
func (w work) body(serviceID, number int) []byte {
	document := w.document
	if strings.Contains(document, "%d") {
		document = fmt.Sprintf(document, serviceID)
	}
	query, _ := json.Marshal(document) // a text can always be marshaled
	return fmt.Appendf(nil, `{"query":%s,"variables":{"n":%d}}`, query, number)
}

// graphqlAnswer is an answer of GraphQL over HTTP.
type graphqlAnswer struct {
	Data   json.RawMessage   `json:"data"`
	Errors []json.RawMessage `json:"errors"`
}

// errWrong begins every error about the values of an answer.
var errWrong = errors.New("wrong answer")

// check decodes an answer and returns its data. The error wraps [errWrong].
func (w work) check(answer []byte, serviceID int) (data []byte, err error) {
	var decoded graphqlAnswer
	if err := json.Unmarshal(answer, &decoded); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errWrong, w.name, err)
	}
	if len(decoded.Errors) > 0 {
		return nil, fmt.Errorf("%w: %s: %s", errWrong, w.name, decoded.Errors[0])
	}
	if err := w.checkData(decoded.Data, serviceID); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errWrong, w.name, err)
	}
	return decoded.Data, nil
}

func (w work) checkData(data []byte, serviceID int) error {
	var roots map[string]json.RawMessage
	if err := json.Unmarshal(data, &roots); err != nil {
		return err
	}
	if w.rows == 0 {
		var row map[string]any
		if err := json.Unmarshal(roots[w.root], &row); err != nil {
			return err
		}
		if row["serviceId"] != float64(serviceID) {
			return fmt.Errorf("serviceId %v, want %d", row["serviceId"], serviceID)
		}
		return w.checkRows([]map[string]any{row})
	}
	var list struct {
		TotalCount int
		Nodes      []map[string]any
	}
	if err := json.Unmarshal(roots[w.root], &list); err != nil {
		return err
	}
	if len(list.Nodes) != min(w.rows, list.TotalCount) || len(list.Nodes) == 0 {
		return fmt.Errorf("%d rows of %d, want %d", len(list.Nodes), list.TotalCount, w.rows)
	}
	return w.checkRows(list.Nodes)
}

// checkRows expects all required fields in some row, because single rows lack a plan or a phone, and
// no two rows to be equal.
func (w work) checkRows(rows []map[string]any) error {
	missing := slices.Clone(w.required)
	seen := map[string]bool{}
	for _, row := range rows {
		text, _ := json.Marshal(row) // it was JSON
		if seen[string(text)] {
			return fmt.Errorf("row %s appears twice", text)
		}
		seen[string(text)] = true
		missing = slices.DeleteFunc(missing, func(path string) bool { return lookUp(row, path) != nil })
	}
	if len(missing) > 0 {
		return fmt.Errorf("no row has %s", strings.Join(missing, ", "))
	}
	return nil
}

// lookUp returns the value at a path such as plan.price, nil when there is none.
func lookUp(row map[string]any, path string) any {
	name, rest, nested := strings.Cut(path, ".")
	if !nested {
		return row[name]
	}
	inner, _ := row[name].(map[string]any)
	return lookUp(inner, rest)
}

// equalData expects two servers to say the same.
func (w work) equalData(data, reference []byte) error {
	if bytes.Equal(data, reference) {
		return nil
	}
	at := 0
	for at < min(len(data), len(reference)) && data[at] == reference[at] {
		at++
	}
	return fmt.Errorf("%w: %s: …%s, want as gqlgen …%s", errWrong, w.name, excerpt(data, at), excerpt(reference, at))
}

// excerpt returns some bytes around a place.
func excerpt(text []byte, at int) []byte { return text[max(0, at-40):min(len(text), at+40)] }
