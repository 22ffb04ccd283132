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
		a.invalid(w, []fault{{nameOf(input.Field), "no es válido"}})
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
	"name":         "no puede quedar vacío, pasar de 200 caracteres ni tener caracteres de control",
	"lastName":     "no puede pasar de 200 caracteres ni tener caracteres de control",
	"document":     "debe ser un documento de 3 a 30 letras y números",
	"phone":        "debe tener uno o más números de 7 a 15 dígitos, separados por comas",
	"address":      "no puede pasar de 200 caracteres ni tener caracteres de control",
	"locality":     "no puede pasar de 200 caracteres ni tener caracteres de control",
	"city":         "no puede pasar de 200 caracteres ni tener caracteres de control",
	"zoneId":       "debe ser 1 o más",
	"balance":      "debe ser un valor de máximo 12 dígitos y dos decimales",
	"subject":      "no puede quedar vacío, pasar de 200 caracteres ni tener caracteres de control",
	"description":  "no puede quedar vacía, pasar de 5000 caracteres ni tener caracteres de control",
	"technicianId": "debe ser un técnico de la lista de personal",
	"pings":        "debe estar entre 1 y 20",
}

// names are the isp's fields as this face calls them; the others have the same name.
var names = map[string]string{
	"serviceId": "service_id", "lastName": "last_name", "technicianId": "technician_id", "zoneId": "zone_id",
	"planName": "internet_plan_name", "planPrice": "internet_plan_price", "search": "q",
}

// inputFaults are the errors about values that the caller can correct: 422. It returns nil when there is none.
func inputFaults(wrong []*isp.UserError) (faults []fault) {
	for _, e := range wrong {
		if len(e.Field) == 0 || e.Code != isp.CodeInvalid && e.Code != isp.CodeRequired {
			continue
		}
		why := spanish[e.Field[len(e.Field)-1]]
		if why == "" {
			why = "no es válido"
		}
		if f := (fault{nameOf(e.Field), why}); !slices.Contains(faults, f) {
			faults = append(faults, f)
		}
	}
	return faults
}

// nameOf returns a field by its name here.
func nameOf(path []string) string {
	field := path[len(path)-1]
	if name := names[field]; name != "" {
		return name
	}
	return field
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

// missing is what does not exist, for people.
var missing = map[string]string{"serviceId": "No existe ese cliente.", "technicianId": "No existe ese técnico."}

// refusal is why a write that makes sense was not made, for people.
func refusal(wrong []*isp.UserError) string {
	var reasons []string
	for _, e := range wrong {
		field := ""
		if len(e.Field) > 0 {
			field = e.Field[len(e.Field)-1]
		}
		switch {
		case e.Code == isp.CodeRefused && field != "":
			reasons = append(reasons, e.Message)
		case e.Code == isp.CodeRefused:
			reasons = append(reasons, "WispHub rechazó los datos.")
		case e.Code == isp.CodeNotApplied && field != "":
			reasons = append(reasons, "WispHub no guardó el cambio ("+nameOf(e.Field)+").")
		case e.Code == isp.CodeNotApplied:
			reasons = append(reasons, "WispHub no guardó el cambio.")
		case e.Code == isp.CodeNotFound && missing[field] != "":
			reasons = append(reasons, missing[field])
		case e.Code == isp.CodeNotFound:
			reasons = append(reasons, "No existe.")
		default:
			reasons = append(reasons, "No hay nada que cambiar.")
		}
	}
	return strings.Join(reasons, " ")
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
