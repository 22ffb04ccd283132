package rest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
)

// actionError is the action of failures that belong to no route.
const actionError = "ERROR"

// envelope is the shape of every answer of /api/v1. Absent data, message and meta are null, never left out.
type envelope struct {
	OK      bool    `json:"ok"`
	Type    string  `json:"type"`
	Action  string  `json:"action"`
	Data    any     `json:"data"`
	Message *string `json:"message"`
	Meta    any     `json:"meta"`
}

// envelopes writes envelopes. Its methods take actions in upper case; an empty message and nil data or meta become null.
type envelopes struct {
	lowerCase bool
}

// success answers that the request went well.
func (e envelopes) success(w http.ResponseWriter, action string, data, meta any) {
	e.write(w, http.StatusOK, envelope{OK: true, Type: "success", Action: action, Data: data, Meta: meta})
}

// info answers that nothing is wrong, but that it is not what the caller hoped for.
func (e envelopes) info(w http.ResponseWriter, action, message string, data any) {
	e.write(w, http.StatusOK, envelope{OK: true, Type: "info", Action: action, Data: data, Message: text(message)})
}

// fail answers that the request failed. The status is 200 for what the route foresees.
func (e envelopes) fail(w http.ResponseWriter, status int, action, message string) {
	e.write(w, status, envelope{Type: "error", Action: action, Message: text(message)})
}

// invalid answers 422 with everything that is wrong in the request's input.
func (e envelopes) invalid(w http.ResponseWriter, faults []fault) {
	texts := make([]string, len(faults))
	for i, f := range faults {
		texts[i] = f.field + ": " + f.why
	}
	e.fail(w, http.StatusUnprocessableEntity, actionError, "Error de validación: "+strings.Join(texts, "; "))
}

// fault is one thing wrong with a request's input: a field's name and a Spanish phrase. Neither repeats the input.
type fault struct{ field, why string }

func (e envelopes) write(w http.ResponseWriter, status int, answer envelope) {
	if e.lowerCase {
		answer.Action = strings.ToLower(answer.Action)
	}
	writeJSON(w, status, answer)
}

// detail answers in the shape of refusals about tokens, permissions and rates, which have no envelope.
func detail(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, map[string]string{"detail": message})
}

// writeJSON encodes before it writes, so that a value that cannot be encoded does not leave half an answer: that is a
// mistake in the program, and panics.
func writeJSON(w http.ResponseWriter, status int, value any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a caller who has gone away needs no answer
}

// text returns nil, which is null in JSON, for an empty message.
func text(message string) *string {
	if message == "" {
		return nil
	}
	return &message
}
