package rest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"wisphub-graphql/isp"
)

// statusLabels are the values of the status parameter: the labels of WispHub and of GraphQL.
var statusLabels = map[string]isp.ClientStatus{
	"activo": isp.ClientActive, "suspendido": isp.ClientSuspended, "cancelado": isp.ClientCancelled, "gratis": isp.ClientFree,
	"active": isp.ClientActive, "suspended": isp.ClientSuspended, "cancelled": isp.ClientCancelled, "free": isp.ClientFree,
}

// clientQuery reads the query parameters of a list and collects what is wrong with them.
type clientQuery struct {
	values url.Values
	errs   []fieldError
}

// readQuery reports a malformed query as an error. Ignoring it could drop a filter, and the answer
// would contain every client.
func readQuery(r *http.Request) *clientQuery {
	values, err := url.ParseQuery(r.URL.RawQuery)
	q := &clientQuery{values: values}
	if err != nil {
		q.errs = append(q.errs, fieldError{"query", "no se pudo leer"})
	}
	return q
}

// text returns a parameter, "" when it is absent.
func (q *clientQuery) text(name string) string {
	if len(q.values[name]) > 1 {
		q.errs = append(q.errs, fieldError{name, "solo puede venir una vez"})
	}
	return q.values.Get(name)
}

// requiredText returns a parameter that must be there, though it may be blank.
func (q *clientQuery) requiredText(name string) string {
	if !q.values.Has(name) {
		q.errs = append(q.errs, fieldError{name, reasonRequired})
	}
	return q.text(name)
}

// number returns a parameter of at least the given value, nil when it is absent or invalid.
func (q *clientQuery) number(name string, least int) *int {
	text := q.text(name)
	if text == "" {
		return nil
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < least || text[0] == '+' {
		q.errs = append(q.errs, fieldError{name, reasonWholeNumber(least)})
		return nil
	}
	return &number
}

// id returns a parameter that is an id, 0 when it is absent or invalid.
func (q *clientQuery) id(name string) int {
	text := q.text(name)
	if text == "" {
		return 0
	}
	id, ok := isp.ParseID(text)
	if !ok || text[0] == '+' {
		q.errs = append(q.errs, fieldError{name, reasonWholeNumber(1)})
		return 0
	}
	return id
}

func (q *clientQuery) filter() *isp.ClientFilter {
	filter := &isp.ClientFilter{}
	if label := q.text("status"); label != "" {
		status, known := statusLabels[strings.ToLower(label)]
		if !known {
			q.errs = append(q.errs, fieldError{"status", "debe ser Activo, Suspendido, Cancelado o Gratis"})
		}
		filter.Status = []isp.ClientStatus{status}
	}
	if zone := q.id("zone_id"); zone > 0 {
		filter.ZoneID = []int{zone}
	}
	return filter
}
