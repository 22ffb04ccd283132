package wisphubtest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// match reports whether a row belongs to the result, by its filter keys.
type match[K any] func(*K) bool

// filter parses a parameter into a match. It reports false for a value of the wrong type.
type filter[K any] func(value string) (match[K], bool)

// clientFilters are the filters of the list of clients. WispHub ignores other parameters,
// including zona, estado_facturas, saldo, dates, search and page.
var clientFilters = map[string]filter[clientKeys]{
	"id_servicio":   numberFilter(func(k *clientKeys) int { return k.id }),
	"servicio":      numberFilter(func(k *clientKeys) int { return k.id }),
	"plan_internet": numberFilter(func(k *clientKeys) int { return k.plan }),
	"router":        numberFilter(func(k *clientKeys) int { return k.router }),
	"sectorial":     numberFilter(func(k *clientKeys) int { return k.sector }),
	"tecnico":       numberFilter(func(k *clientKeys) int { return k.technician }),
	// asesor is documented, but no key of a row shows it.
	"asesor": numberFilter(func(*clientKeys) int { return 0 }),
	"estado": stateFilter,

	"cedula":    exactFilter(func(k *clientKeys) string { return k.document }),
	"telefono":  exactFilter(phoneKey),
	"usuario":   exactFilter(usernameKey),
	"ciudad":    exactFilter(func(k *clientKeys) string { return k.city }),
	"localidad": exactFilter(func(k *clientKeys) string { return k.locality }),

	// Sources disagree on whether nombre matches exactly. The first to measure it saw partial
	// matches.
	"nombre":             containsFilter(nameKey),
	"nombre__contains":   containsFilter(nameKey),
	"usuario__contains":  containsFilter(usernameKey),
	"cedula__contains":   containsFilter(func(k *clientKeys) string { return k.document }),
	"email__contains":    containsFilter(func(k *clientKeys) string { return k.email }),
	"telefono__contains": containsFilter(phoneKey),
	// Sources disagree on the spelling, so both are accepted.
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

func numberFilter[K any](key func(*K) int) filter[K] {
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

// anyPhoneFilter is telefono without the ExactPhone quirk: one number of the list is enough,
// without prefix or spaces.
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

// stateLabels are the labels in rows for the codes 1 to 4 in filters.
var stateLabels = []string{1: "Activo", 2: "Suspendido", 3: "Cancelado", 4: "Gratis"}

func stateFilter(value string) (match[clientKeys], bool) {
	code, err := strconv.Atoi(value)
	known := 0 < code && code < len(stateLabels)
	return func(k *clientKeys) bool { return known && k.state == stateLabels[code] }, err == nil
}

var accents = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n")

// foldText removes the differences of case and accents.
func foldText(text string) string {
	return accents.Replace(strings.ToLower(text))
}

// combineFilters returns the match of all filters in a call, nil if every row matches. It skips
// the parameters that the route reads itself. It rejects mistakes that a disabled quirk would have
// hidden.
func combineFilters[K any](c *call, filters map[string]filter[K], others ...string) (match[K], *response) {
	var matches []match[K]
	others = append(others, listParameters...)
	for _, parameter := range slices.Sorted(maps.Keys(c.query)) {
		value := c.parameter(parameter)
		makeMatch, known := filters[parameter]
		switch {
		case !known && !c.quirks.IgnoreUnknownFilters && !slices.Contains(others, parameter):
			return nil, fieldError(parameter, "Filtro desconocido.")
		case !known || value == "": // an empty value filters nothing, as in django-filter
			continue
		}
		m, ok := makeMatch(value)
		if !ok && !c.quirks.EmptyOnWrongType {
			return nil, fieldError(parameter, fmt.Sprintf("%q no es una elección válida.", value))
		}
		if !ok {
			m = func(*K) bool { return false }
		}
		matches = append(matches, m)
	}
	return matchAll(matches), nil
}

// listParameters are accepted by every list.
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

func fieldError(field, message string) *response {
	return jsonResponse(http.StatusBadRequest, map[string][]string{field: {message}})
}
