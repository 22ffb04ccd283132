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
var clientFilters = map[string]filter[keys]{
	"id_servicio":   number(func(k *keys) int { return k.id }),
	"servicio":      number(func(k *keys) int { return k.id }),
	"plan_internet": number(func(k *keys) int { return k.plan }),
	"router":        number(func(k *keys) int { return k.router }),
	"sectorial":     number(func(k *keys) int { return k.sector }),
	"tecnico":       number(func(k *keys) int { return k.technician }),
	"asesor":        number(func(*keys) int { return 0 }), // documented, but no key of a row shows it
	"estado":        state,

	"cedula":    exact(func(k *keys) string { return k.document }),
	"telefono":  exact(phone),
	"usuario":   exact(username),
	"ciudad":    exact(func(k *keys) string { return k.city }),
	"localidad": exact(func(k *keys) string { return k.locality }),

	// Sources disagree on whether nombre is exact; the one that measured it first saw it match a part.
	"nombre":             contains(name),
	"nombre__contains":   contains(name),
	"usuario__contains":  contains(username),
	"cedula__contains":   contains(func(k *keys) string { return k.document }),
	"email__contains":    contains(func(k *keys) string { return k.email }),
	"telefono__contains": contains(phone),
	// Which spelling is honoured is unclear, so both are.
	"apellidos__contains": contains(surnames),
	"apellido__contains":  contains(surnames),
}

func phone(k *keys) string    { return k.phone }
func username(k *keys) string { return k.username }
func name(k *keys) string     { return k.name }

func surnames(k *keys) string {
	_, family := splitName(k.name)
	return family
}

func number[K any](key func(*K) int) filter[K] {
	return func(value string) (match[K], bool) {
		want, err := strconv.ParseUint(value, 10, 32)
		return func(k *K) bool { return want != 0 && key(k) == int(want) }, err == nil
	}
}

func exact(key func(*keys) string) filter[keys] {
	return func(value string) (match[keys], bool) {
		return func(k *keys) bool { return key(k) == value }, true
	}
}

func contains(key func(*keys) string) filter[keys] {
	return func(value string) (match[keys], bool) {
		part := fold(value)
		return func(k *keys) bool { return strings.Contains(fold(key(k)), part) }, true
	}
}

// anyPhone is telefono without the quirk: one number of the list, without prefix or spaces, is enough.
func anyPhone(value string) (match[keys], bool) {
	return func(k *keys) bool {
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

func state(value string) (match[keys], bool) {
	code, err := strconv.Atoi(value)
	known := 0 < code && code < len(stateLabels)
	return func(k *keys) bool { return known && k.state == stateLabels[code] }, err == nil
}

var accents = strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n")

// fold makes text that differs only in case and accents equal.
func fold(text string) string {
	return accents.Replace(strings.ToLower(text))
}

// where combines the filters of a call; nil lets every row through. It leaves alone the parameters that the route reads
// by itself, and reports a refusal when a quirk that would have hidden the mistake is off.
func where[K any](c *call, filters map[string]filter[K], others ...string) (rows match[K], refusal answer, refused bool) {
	var matches []match[K]
	others = append(others, noFilters...)
	for _, parameter := range slices.Sorted(maps.Keys(c.query)) {
		value := c.parameter(parameter)
		makeMatch, known := filters[parameter]
		switch {
		case !known && !c.quirks.IgnoreUnknownFilters && !slices.Contains(others, parameter):
			return nil, badField(parameter, "Filtro desconocido."), true
		case !known || value == "": // an empty value filters nothing, as in django-filter
			continue
		}
		m, ok := makeMatch(value)
		if !ok && !c.quirks.EmptyOnWrongType {
			return nil, badField(parameter, fmt.Sprintf("%q no es una elección válida.", value)), true
		}
		if !ok {
			m = func(*K) bool { return false }
		}
		matches = append(matches, m)
	}
	return all(matches), answer{}, false
}

// noFilters are parameters that every list understands.
var noFilters = []string{"limit", "offset", "format"}

func (c *call) clientFilters() map[string]filter[keys] {
	if c.quirks.ExactPhone {
		return clientFilters
	}
	filters := maps.Clone(clientFilters)
	filters["telefono"] = anyPhone
	return filters
}

func all[K any](matches []match[K]) match[K] {
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

func badField(field, message string) answer {
	return jsonAnswer(http.StatusBadRequest, map[string][]string{field: {message}})
}
