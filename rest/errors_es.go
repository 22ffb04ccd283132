package rest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"wisphub-graphql/isp"
)

// Spanish messages that several routes share.
const (
	messageOutcomeUnknown = "No se sabe si WispHub hizo el cambio; consulte antes de intentarlo de nuevo."
	messageNoClient       = "No existe ese cliente."
)

// messageTooFewFields asks for isp.MinClaimFields of the four fields of a claim.
var messageTooFewFields = fmt.Sprintf("Se requieren al menos %d campos para la verificación.", isp.MinClaimFields)

const (
	// reasonInvalid is the reason for a field that reasons does not have.
	reasonInvalid  = "no es válido"
	reasonRequired = "es obligatorio"
)

// reasons say in Spanish what isp expects of each input field.
var reasons = map[string]string{
	"serviceId":    reasonAtLeast(1),
	"name":         "no puede quedar vacío, " + reasonProfile,
	"lastName":     "no puede " + reasonProfile,
	"document":     "no puede " + reasonProfile,
	"phone":        "no puede " + reasonProfile,
	"address":      "no puede " + reasonProfile,
	"locality":     "no puede " + reasonProfile,
	"city":         "no puede " + reasonProfile,
	"zoneId":       reasonAtLeast(1),
	"balance":      fmt.Sprintf("debe ser un valor de máximo %d dígitos y dos decimales", isp.MaxBalanceDigits),
	"subject":      "no puede quedar vacío, " + reasonText(isp.MaxSubject),
	"description":  "no puede quedar vacía, " + reasonText(isp.MaxTicketText),
	"technicianId": "debe ser un técnico de la lista de personal",
	"pings":        fmt.Sprintf("debe estar entre %d y %d", isp.MinPings, isp.MaxPings),
}

func reasonAtLeast(least int) string { return fmt.Sprintf("debe ser %d o más", least) }

// reasonText ends the reason for a text: its maximum length and no control characters.
func reasonText(maxRunes int) string {
	return fmt.Sprintf("pasar de %d caracteres ni tener caracteres de control", maxRunes)
}

// reasonProfile ends the reason for a text of a client's record.
var reasonProfile = reasonText(isp.MaxProfileText) + " ni los signos < y >"

// reasonWholeNumber is the reason for a number in a path or query.
func reasonWholeNumber(least int) string {
	return fmt.Sprintf("debe ser un número entero desde %d", least)
}

// jsonFields maps the input fields of isp to their JSON names where the two differ.
var jsonFields = map[string]string{
	"serviceId": "service_id", "lastName": "last_name", "technicianId": "technician_id", "zoneId": "zone_id",
	"planName": "internet_plan_name", "planPrice": "internet_plan_price", "search": "q",
}

// jsonField returns the JSON name of the last field of an isp path.
func jsonField(path []string) string {
	field := path[len(path)-1]
	if name := jsonFields[field]; name != "" {
		return name
	}
	return field
}

// inputErrors returns the errors about values that the caller can correct (422), nil when there
// are none.
func inputErrors(userErrors []*isp.UserError) (errs []fieldError) {
	for _, e := range userErrors {
		if len(e.Field) == 0 || e.Code != isp.CodeInvalid && e.Code != isp.CodeRequired {
			continue
		}
		reason := reasons[e.Field[len(e.Field)-1]]
		if reason == "" {
			reason = reasonInvalid
		}
		if err := (fieldError{jsonField(e.Field), reason}); !slices.Contains(errs, err) {
			errs = append(errs, err)
		}
	}
	return errs
}

// mergeErrors adds the errors of isp about fields that readBody found nothing wrong with.
func mergeErrors(errs, more []fieldError) []fieldError {
	if errs[0].field == fieldBody || errs[0].field == fieldContentType {
		return errs // no field was read
	}
	for _, err := range more {
		if !slices.ContainsFunc(errs, func(e fieldError) bool { return e.field == err.field }) {
			errs = append(errs, err)
		}
	}
	return errs
}

// notFoundMessages say which object does not exist, by the field that names it.
var notFoundMessages = map[string]string{"serviceId": messageNoClient, "technicianId": "No existe ese técnico."}

// refusalMessage explains in Spanish why a valid write was not carried out.
func refusalMessage(userErrors []*isp.UserError) string {
	var messages []string
	for _, e := range userErrors {
		field := ""
		if len(e.Field) > 0 {
			field = e.Field[len(e.Field)-1]
		}
		switch {
		case e.Message == isp.MessageRefused:
			messages = append(messages, "WispHub rechazó los datos.")
		case e.Code == isp.CodeRefused:
			messages = append(messages, e.Message)
		case e.Code == isp.CodeNotApplied && field != "":
			messages = append(messages, "WispHub no guardó el cambio ("+jsonField(e.Field)+").")
		case e.Code == isp.CodeNotApplied:
			messages = append(messages, "WispHub no guardó el cambio.")
		case e.Code == isp.CodeNotFound && notFoundMessages[field] != "":
			messages = append(messages, notFoundMessages[field])
		case e.Code == isp.CodeNotFound:
			messages = append(messages, "No existe.")
		default:
			messages = append(messages, "No hay nada que cambiar.")
		}
	}
	return strings.Join(messages, " ")
}

func hasCode(userErrors []*isp.UserError, code isp.UserErrorCode) bool {
	return slices.ContainsFunc(userErrors, func(e *isp.UserError) bool { return e.Code == code })
}

// pathID returns an id of the path, or 0 when it is not a positive integer.
func pathID(r *http.Request, name string) int {
	id, _ := isp.ParseID(r.PathValue(name))
	return id
}
