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
type splitFullName struct{ given, family string }

func (n splitFullName) String() string { return strings.TrimSpace(n.given + " " + n.family) }

// profileTexts are the fields of a profile that are text and have the row's key.
var profileTextFields = []string{"cedula", "direccion", "localidad", "ciudad", "telefono"}

// putProfile keeps what it is given of the personal data and of the saldo; it ignores other keys, as Django does, and leaves
// estado_facturas alone.
func (s *Server) putProfile(c *call) response {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	row := s.clientRowByID(c.idNumber())
	if row == nil {
		return notFound()
	}
	values, refusal, refused := c.jsonObject()
	if refused {
		return refusal
	}
	changes, wrong := profileChanges(values)
	if len(wrong) > 0 {
		return wrong.response()
	}
	s.changeProfile(row, changes, c.persists)
	if c.quirks.EmptyProfileAnswer {
		return response{status: http.StatusNoContent}
	}
	echo := s.profile(row)
	return jsonResponse(http.StatusOK, overlay(echo, changes))
}

// profileChanges are the texts to set. That null is refused is what Django does by itself; nobody has tried it.
func profileChanges(values map[string]any) (changes map[string]any, wrong fieldErrors) {
	changes, wrong = make(map[string]any), make(fieldErrors)
	for _, key := range slices.Concat([]string{"nombre", "apellidos", "saldo"}, profileTextFields) {
		value, given := values[key]
		if !given {
			continue
		}
		text, isText := asText(value)
		switch {
		case value == nil:
			wrong.add(key, msgNull)
		case key == "saldo" && !decimalPattern.MatchString(text):
			wrong.add(key, msgNotNumber)
		case !isText:
			wrong.add(key, msgNotText)
		default:
			changes[key] = text
		}
	}
	return changes, wrong
}

// decimal has at most two places, as every amount that was seen.
var decimalPattern = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,2})?$`)

// textOf takes numbers as their text, as Django does.
func asText(value any) (text string, ok bool) {
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
			row[key] = amountLike(row[key], value)
		default:
			row[key] = value
		}
	}
	if renamed {
		row["nombre"] = name.String()
		s.profileNames[usableID(row["id_servicio"])] = name
	}
	s.PutRow(row)
}

// sameKind writes an amount as the row's is written: text with two places, or a number.
func amountLike(old any, amount string) any {
	number, _ := strconv.ParseFloat(amount, 64) // decimal has matched
	if _, isNumber := old.(float64); isNumber {
		return number
	}
	return strconv.FormatFloat(number, 'f', 2, 64)
}

// nameOf returns the parts in which a name was written, or else two that make it. s.writing must be held.
func (s *Server) nameOf(row map[string]any) splitFullName {
	full, _ := row["nombre"].(string)
	if name, written := s.profileNames[usableID(row["id_servicio"])]; written && name.String() == full {
		return name
	}
	given, family := splitName(full)
	return splitFullName{given, family}
}

// keptByDetail are the fields that an update of the technical record keeps (wisphub-net-api §4.3).
var persistedDetailFields = []string{"auto_activar_servicio", "comentarios", "notificacion_sms", "notificaciones_push"}

// putClient echoes what it is given. A real PUT demands 16 fields, of which five are known by name: this one demands none.
func (s *Server) putClient(c *call) response {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	row := s.clientRowByID(c.idNumber())
	if row == nil {
		return notFound()
	}
	values, refusal, refused := c.jsonObject()
	if refused {
		return refusal
	}
	for key, value := range values {
		kept := slices.Contains(persistedDetailFields, key) || !c.quirks.EchoDetail && key != "id_servicio" && slices.Contains(clientColumns, key)
		if kept && c.persists(key) {
			row[key] = value
		}
	}
	s.PutRow(row)
	return jsonResponse(http.StatusOK, overlay(c.detail(row), values))
}

// patchClient is putClient, but that it breaks on a zone.
func (s *Server) patchClient(c *call) response {
	values, refusal, refused := c.jsonObject()
	if refused {
		return refusal
	}
	if _, zoned := values["zona"]; zoned && c.quirks.BreakOnZone {
		return panelPage(http.StatusInternalServerError, "Error del servidor")
	}
	return s.putClient(c)
}

// echoed shows the values in a record, in place of its own and behind them.
func overlay(record object, values map[string]any) object {
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
