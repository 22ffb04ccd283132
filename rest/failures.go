package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"wisphub-graphql/isp"
)

// messageUnknown is for a write that WispHub may have carried out.
const messageUnknown = "No se sabe si WispHub hizo el cambio; consulte antes de intentarlo de nuevo."

// upstreamFailed answers for what WispHub kept from the caller, with the action that the route has for it. Noun is what was
// wanted. The log gets what callers are not told.
func (a *api) upstreamFailed(w http.ResponseWriter, r *http.Request, action, noun string, err error) {
	if input := (*isp.InputError)(nil); errors.As(err, &input) {
		a.invalid(w, []fault{{input.Field[len(input.Field)-1], "no es válido"}})
		return
	}
	message := "Unable to fetch " + noun + " data"
	if errors.Is(err, isp.ErrOutcomeUnknown) {
		message = messageUnknown
	}
	if r.Context().Err() == nil || !errors.Is(err, context.Canceled) {
		a.log.LogAttrs(r.Context(), slog.LevelWarn, "route failed", slog.String("route", r.Pattern), slog.Any("error", err),
			slog.String("request_id", r.Header.Get("X-Request-Id")))
	}
	a.fail(w, http.StatusOK, action, message)
}

// spanish are the isp's words about input, by the field at fault. Anything else is said in general.
var spanish = map[string]string{
	"serviceId":    "debe ser 1 o más",
	"name":         "no puede quedar vacío ni pasar de 200 caracteres",
	"lastName":     "no puede pasar de 200 caracteres",
	"document":     "debe ser un documento de 3 a 30 letras y números",
	"phone":        "debe tener uno o más números de 7 a 15 dígitos, separados por comas",
	"address":      "no puede pasar de 200 caracteres",
	"locality":     "no puede pasar de 200 caracteres",
	"city":         "no puede pasar de 200 caracteres",
	"balance":      "debe ser un valor de máximo 12 dígitos y dos decimales",
	"subject":      "no puede quedar vacío ni pasar de 200 caracteres",
	"description":  "no puede quedar vacía ni pasar de 5000 caracteres",
	"technicianId": "debe ser un técnico de la lista de personal",
	"pings":        "debe estar entre 1 y 20",
}

// names are the isp's fields as this face calls them; the others have the same name.
var names = map[string]string{"serviceId": "service_id", "lastName": "last_name", "technicianId": "technician_id"}

// inputFaults are the errors about values that the caller can correct: 422. It returns nil when there is none.
func inputFaults(wrong []*isp.UserError) (faults []fault) {
	for _, e := range wrong {
		if len(e.Field) == 0 || e.Code != isp.CodeInvalid && e.Code != isp.CodeRequired {
			continue
		}
		field := e.Field[len(e.Field)-1]
		why, name := spanish[field], names[field]
		if why == "" {
			why = "no es válido"
		}
		if name == "" {
			name = field
		}
		faults = append(faults, fault{name, why})
	}
	return faults
}

// merge adds what is wrong with fields of which nothing is said yet, other than that they are absent.
func merge(faults, more []fault) []fault {
	if faults[0].field == bodyField || faults[0].field == "Content-Type" {
		return faults // nothing could be read at all
	}
	for _, f := range more {
		known := slices.ContainsFunc(faults, func(said fault) bool { return said.field == f.field })
		if !known {
			faults = append(faults, f)
		}
	}
	return faults
}

// refusal is why a write that makes sense was not made, for people.
func refusal(wrong []*isp.UserError) string {
	var reasons []string
	for _, e := range wrong {
		switch e.Code {
		case isp.CodeRefused:
			reasons = append(reasons, e.Message)
		case isp.CodeNotApplied:
			reasons = append(reasons, "WispHub no guardó el cambio"+inField(e.Field)+".")
		case isp.CodeNotFound:
			reasons = append(reasons, "No existe"+inField(e.Field)+".")
		default:
			reasons = append(reasons, "No hay nada que cambiar.")
		}
	}
	return strings.Join(reasons, " ")
}

func inField(path []string) string {
	if len(path) == 0 {
		return ""
	}
	field := path[len(path)-1]
	if name := names[field]; name != "" {
		field = name
	}
	return " (" + field + ")"
}

func hasCode(wrong []*isp.UserError, code isp.UserErrorCode) bool {
	for _, e := range wrong {
		if e.Code == code {
			return true
		}
	}
	return false
}

// pathNumber reads an id of the path; 0 when it is none.
func pathNumber(r *http.Request, name string) int {
	id, err := strconv.Atoi(r.PathValue(name))
	if err != nil || id < 1 {
		return 0
	}
	return id
}
