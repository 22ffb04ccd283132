package wisphubtest

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fullName is a name as a profile has it: the row shows both parts as one.
type fullName struct{ given, family string }

func (n fullName) String() string { return strings.TrimSpace(n.given + " " + n.family) }

// profileTexts are the fields of a profile that are text and have the row's key.
var profileTexts = []string{"cedula", "direccion", "localidad", "ciudad", "telefono"}

// putProfile keeps what it is given of the personal data and of the saldo; it ignores other keys, as Django does, and leaves
// estado_facturas alone.
func (s *Server) putProfile(c *call) answer {
	s.writing.Lock()
	defer s.writing.Unlock()
	row := s.clientRow(c.number())
	if row == nil {
		return notFound()
	}
	values, refusal, refused := c.object()
	if refused {
		return refusal
	}
	changes, wrong := profileChanges(values)
	if len(wrong) > 0 {
		return wrong.answer()
	}
	s.changeProfile(row, changes, c.keeps)
	if c.quirks.EmptyProfileAnswer {
		return answer{status: http.StatusNoContent}
	}
	echo := s.profile(row)
	return jsonAnswer(http.StatusOK, echoed(echo, changes))
}

// profileChanges are the texts to set. That null is refused is what Django does by itself; nobody has tried it.
func profileChanges(values map[string]any) (changes map[string]any, wrong problems) {
	changes, wrong = make(map[string]any), make(problems)
	for _, key := range slices.Concat([]string{"nombre", "apellidos", "saldo"}, profileTexts) {
		value, given := values[key]
		if !given {
			continue
		}
		text, isText := textOf(value)
		switch {
		case value == nil:
			wrong.add(key, isNull)
		case key == "saldo" && !decimal.MatchString(text):
			wrong.add(key, noNumber)
		case !isText:
			wrong.add(key, noText)
		default:
			changes[key] = text
		}
	}
	return changes, wrong
}

// decimal has at most two places, as every amount that was seen.
var decimal = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,2})?$`)

// textOf takes numbers as their text, as Django does.
func textOf(value any) (text string, ok bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64), true
	}
	return "", false
}

// changeProfile keeps those changes that are to be kept. s.writing must be held.
func (s *Server) changeProfile(row map[string]any, changes map[string]any, keeps func(string) bool) {
	name, renamed := s.nameOf(row), false
	for key, change := range changes {
		value, _ := change.(string)
		switch {
		case !keeps(key):
		case key == "nombre":
			name.given, renamed = value, true
		case key == "apellidos":
			name.family, renamed = value, true
		case key == "saldo":
			row[key] = sameKind(row[key], value)
		default:
			row[key] = value
		}
	}
	if renamed {
		row["nombre"] = name.String()
		s.names[usableID(row["id_servicio"])] = name
	}
	s.PutRow(row)
}

// sameKind writes an amount as the row's is written: text with two places, or a number.
func sameKind(old any, amount string) any {
	number, _ := strconv.ParseFloat(amount, 64) // decimal has matched
	if _, isNumber := old.(float64); isNumber {
		return number
	}
	return strconv.FormatFloat(number, 'f', 2, 64)
}

// nameOf returns the parts in which a name was written, or else two that make it. s.writing must be held.
func (s *Server) nameOf(row map[string]any) fullName {
	full, _ := row["nombre"].(string)
	if name, written := s.names[usableID(row["id_servicio"])]; written && name.String() == full {
		return name
	}
	given, family := splitName(full)
	return fullName{given, family}
}

// keptByDetail are the fields that an update of the technical record keeps (wisphub-net-api §4.3).
var keptByDetail = []string{"auto_activar_servicio", "comentarios", "notificacion_sms", "notificaciones_push"}

// putClient echoes what it is given. A real PUT demands 16 fields, of which five are known by name: this one demands none.
func (s *Server) putClient(c *call) answer {
	s.writing.Lock()
	defer s.writing.Unlock()
	row := s.clientRow(c.number())
	if row == nil {
		return notFound()
	}
	values, refusal, refused := c.object()
	if refused {
		return refusal
	}
	for key, value := range values {
		kept := slices.Contains(keptByDetail, key) || !c.quirks.EchoDetail && key != "id_servicio" && slices.Contains(clientColumns, key)
		if kept && c.keeps(key) {
			row[key] = value
		}
	}
	s.PutRow(row)
	return jsonAnswer(http.StatusOK, echoed(c.detail(row), values))
}

// patchClient is putClient, but that it breaks on a zone.
func (s *Server) patchClient(c *call) answer {
	values, refusal, refused := c.object()
	if refused {
		return refusal
	}
	if _, zoned := values["zona"]; zoned && c.quirks.BreakOnZone {
		return panelPage(http.StatusInternalServerError, "Error del servidor")
	}
	return s.putClient(c)
}

// echoed shows the values in a record, in place of its own and behind them.
func echoed(record object, values map[string]any) object {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		at := slices.IndexFunc(record, func(m member) bool { return m.key == key })
		switch {
		case key == "id_servicio":
		case at >= 0:
			record[at].value = values[key]
		default:
			record = append(record, member{key, values[key]})
		}
	}
	return record
}
