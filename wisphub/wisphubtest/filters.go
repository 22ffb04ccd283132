package wisphubtest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// match decides whether a row is in the answer, by its keys.
type match[K any] func(*K) bool

// filter makes a match of a parameter's value. It reports false for a value of the wrong type.
type filter[K any] func(value string) (match[K], bool)

// clientFilters are the filters of the list of clients. Everything else is ignored: zona, estado_facturas, saldo, dates,
// search, page and all the others that look as if they should work.
var clientFilters = map[string]filter[clientKeys]{
	"id_servicio":   idFilter(func(k *clientKeys) int { return k.id }),
	"servicio":      idFilter(func(k *clientKeys) int { return k.id }),
	"plan_internet": idFilter(func(k *clientKeys) int { return k.plan }),
	"router":        idFilter(func(k *clientKeys) int { return k.router }),
	"sectorial":     idFilter(func(k *clientKeys) int { return k.sector }),
	"tecnico":       idFilter(func(k *clientKeys) int { return k.technician }),
	"asesor":        idFilter(func(*clientKeys) int { return 0 }), // documented, but no key of a row shows it
	"estado":        stateFilter,

	"cedula":    exactFilter(func(k *clientKeys) string { return k.document }),
	"telefono":  exactFilter(phoneKey),
	"usuario":   exactFilter(usernameKey),
	"ciudad":    exactFilter(func(k *clientKeys) string { return k.city }),
	"localidad": exactFilter(func(k *clientKeys) string { return k.locality }),

	// Sources disagree on whether nombre is exact; the one that measured it first saw it match a part.
	"nombre":             containsFilter(nameKey),
	"nombre__contains":   containsFilter(nameKey),
	"usuario__contains":  containsFilter(usernameKey),
	"cedula__contains":   containsFilter(func(k *clientKeys) string { return k.document }),
	"email__contains":    containsFilter(func(k *clientKeys) string { return k.email }),
	"telefono__contains": containsFilter(phoneKey),
	// Which spelling is honoured is unclear, so both are.
	"apellidos__contains": containsFilter(surnamesKey),
	"apellido__contains":  containsFilter(surnamesKey),
}

func phoneKey(k *clientKeys) string    { return k.phone }
func usernameKey(k *clientKeys) string { return k.username }
func nameKey(k *clientKeys) string     { return k.name }

func surnamesKey(k *clientKeys) string {
	_, family := splitName(k.name)
	return family
}

func idFilter[K any](key func(*K) int) filter[K] {
	return func(value string) (match[K], bool) {
		want, err := strconv.ParseUint(value, 10, 32)
		return func(k *K) bool { return want != 0 && key(k) == int(want) }, err == nil
	}
}

func exactFilter(key func(*clientKeys) string) filter[clientKeys] {
	return func(value string) (match[clientKeys], bool) {
		return func(k *clientKeys) bool { return key(k) == value }, true
	}
}

func containsFilter(key func(*clientKeys) string) filter[clientKeys] {
	return func(value string) (match[clientKeys], bool) {
		part := foldText(value)
		return func(k *clientKeys) bool { return strings.Contains(foldText(key(k)), part) }, true
	}
}

// anyPhone is telefono without the quirk: one number of the list, without prefix or spaces, is enough.
func anyPhoneFilter(value string) (match[clientKeys], bool) {
	return func(k *clientKeys) bool {
		for number := range strings.SplitSeq(k.phone, ",") {
			if strings.TrimPrefix(strings.ReplaceAll(number, " ", ""), "+57") == value {
				return true
			}
		}
		return false
	}, true
}

// stateLabels are the words that rows show for the codes 1 to 4 that filters take.
var stateLabels = []string{1: "Activo", 2: "Suspendido", 3: "Cancelado", 4: "Gratis"}

func stateFilter(value string) (match[clientKeys], bool) {
	code, err := strconv.Atoi(value)
	known := 0 < code && code < len(stateLabels)
	return func(k *clientKeys) bool { return known && k.state == stateLabels[code] }, err == nil
}

var accents = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n")

// fold makes text that differs only in case and accents equal.
func foldText(text string) string {
	return accents.Replace(strings.ToLower(text))
}

// where combines the filters of a call; nil lets every row through. It leaves alone the parameters that the route reads
// by itself, and reports a refusal when a quirk that would have hidden the mistake is off.
func combineFilters[K any](c *call, filters map[string]filter[K], others ...string) (rows match[K], refusal response, refused bool) {
	var matches []match[K]
	others = append(others, listParameters...)
	for _, parameter := range slices.Sorted(maps.Keys(c.query)) {
		value := c.parameter(parameter)
		makeMatch, known := filters[parameter]
		switch {
		case !known && !c.quirks.IgnoreUnknownFilters && !slices.Contains(others, parameter):
			return nil, fieldError(parameter, "Filtro desconocido."), true
		case !known || value == "": // an empty value filters nothing, as in django-filter
			continue
		}
		m, ok := makeMatch(value)
		if !ok && !c.quirks.EmptyOnWrongType {
			return nil, fieldError(parameter, fmt.Sprintf("%q no es una elección válida.", value)), true
		}
		if !ok {
			m = func(*K) bool { return false }
		}
		matches = append(matches, m)
	}
	return matchAll(matches), response{}, false
}

// noFilters are parameters that every list understands.
var listParameters = []string{"limit", "offset", "format"}

func (c *call) clientFilters() map[string]filter[clientKeys] {
	if c.quirks.ExactPhone {
		return clientFilters
	}
	filters := maps.Clone(clientFilters)
	filters["telefono"] = anyPhoneFilter
	return filters
}

func matchAll[K any](matches []match[K]) match[K] {
	if len(matches) == 0 {
		return nil
	}
	return func(k *K) bool {
		for _, m := range matches {
			if !m(k) {
				return false
			}
		}
		return true
	}
}

func fieldError(field, message string) response {
	return jsonResponse(http.StatusBadRequest, map[string][]string{field: {message}})
}
