package wisphubtest

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// nameParts is a name in the two parts of a profile. The client's row shows them joined.
type nameParts struct{ given, family string }

func (n nameParts) String() string { return strings.TrimSpace(n.given + " " + n.family) }

// profileTextFields are the text fields that a profile and a row share.
var profileTextFields = []string{"cedula", "direccion", "localidad", "ciudad", "telefono"}

// putProfile stores personal data and the saldo. Like Django it ignores other keys, and it does
// not touch estado_facturas.
func (s *Server) putProfile(c *call) *response {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	row := s.clientRowByID(c.idNumber())
	if row == nil {
		return notFound()
	}
	values, rejection := c.jsonObject()
	if rejection != nil {
		return rejection
	}
	changes, wrong := profileChanges(values)
	if len(wrong) > 0 {
		return wrong.response()
	}
	s.changeProfile(row, changes, c.persists)
	if c.quirks.EmptyProfileAnswer {
		return &response{status: http.StatusNoContent}
	}
	echo := s.profile(row)
	return jsonResponse(http.StatusOK, overlay(echo, changes))
}

// profileChanges returns the texts to store. Rejecting null is Django's default; no source has
// tried it.
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

// decimalPattern allows two decimal places, as in every amount that was seen.
var decimalPattern = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,2})?$`)

// asText accepts a string, or a number in place of one, as Django does.
func asText(value any) (text string, ok bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64), true
	}
	return "", false
}

// changeProfile stores the changes that no fault drops. It requires s.writeMu.
func (s *Server) changeProfile(row map[string]any, changes map[string]any, persists func(string) bool) {
	name, renamed := s.nameOf(row), false
	for key, change := range changes {
		value, _ := change.(string)
		switch {
		case !persists(key):
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

// amountLike formats an amount like the old one: as text with two places, or as a number.
func amountLike(old any, amount string) any {
	number, _ := strconv.ParseFloat(amount, 64) // decimalPattern has matched
	if _, isNumber := old.(float64); isNumber {
		return number
	}
	return strconv.FormatFloat(number, 'f', 2, 64)
}

// nameOf returns the two parts that were written, or else splits the row's name. It requires
// s.writeMu.
func (s *Server) nameOf(row map[string]any) nameParts {
	full, _ := row["nombre"].(string)
	if name, written := s.profileNames[usableID(row["id_servicio"])]; written && name.String() == full {
		return name
	}
	given, family := splitName(full)
	return nameParts{given, family}
}

// persistedDetailFields are the fields that an update of the technical record stores
// (wisphub-net-api §4.3).
var persistedDetailFields = []string{"auto_activar_servicio", "comentarios", "notificacion_sms", "notificaciones_push"}

// putClient echoes the values it gets. A real PUT requires 16 fields, of which only five are known
// by name, so this one requires none.
func (s *Server) putClient(c *call) *response {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	row := s.clientRowByID(c.idNumber())
	if row == nil {
		return notFound()
	}
	values, rejection := c.jsonObject()
	if rejection != nil {
		return rejection
	}
	for key, value := range values {
		persisted := slices.Contains(persistedDetailFields, key) || !c.quirks.EchoDetail && key != "id_servicio" && slices.Contains(clientColumns, key)
		if persisted && c.persists(key) {
			row[key] = value
		}
	}
	s.PutRow(row)
	return jsonResponse(http.StatusOK, overlay(c.detail(row), values))
}

// patchClient is putClient, except that it fails on a zone.
func (s *Server) patchClient(c *call) *response {
	values, rejection := c.jsonObject()
	if rejection != nil {
		return rejection
	}
	if _, zoned := values["zona"]; zoned && c.quirks.BreakOnZone {
		return panelPage(http.StatusInternalServerError, "Error del servidor")
	}
	return s.putClient(c)
}

// overlay replaces values of record, and appends those with other keys.
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
