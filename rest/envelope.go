package rest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
)

// actionError is the action of failures that no route has an action for.
const actionError = "ERROR"

// envelope is the frame of every answer of /api/v1. Absent data, message and meta are written as
// null, never left out.
type envelope struct {
	OK      bool    `json:"ok"`
	Type    string  `json:"type"`
	Action  string  `json:"action"`
	Data    any     `json:"data"`
	Message *string `json:"message"`
	Meta    any     `json:"meta"`
}

// envelopeWriter writes envelopes. Its methods take actions in upper case; an empty message and nil
// data or meta are written as null.
type envelopeWriter struct {
	lowerCase bool
}

// success answers that the request succeeded.
func (e envelopeWriter) success(w http.ResponseWriter, action string, data, meta any) {
	e.write(w, http.StatusOK, envelope{OK: true, Type: "success", Action: action, Data: data, Meta: meta})
}

// info answers a request that succeeded without the result that the caller hoped for.
func (e envelopeWriter) info(w http.ResponseWriter, action, message string, data any) {
	e.write(w, http.StatusOK, envelope{OK: true, Type: "info", Action: action, Data: data, Message: nullIfEmpty(message)})
}

// fail answers that the request failed. The status is 200 for failures that the route expects.
func (e envelopeWriter) fail(w http.ResponseWriter, status int, action, message string) {
	e.write(w, status, envelope{Type: "error", Action: action, Message: nullIfEmpty(message)})
}

// invalid answers 422 with everything that is wrong with the input.
func (e envelopeWriter) invalid(w http.ResponseWriter, errs []fieldError) {
	e.write(w, http.StatusUnprocessableEntity, invalidEnvelope(errs))
}

func invalidEnvelope(errs []fieldError) envelope {
	texts := make([]string, len(errs))
	for i, err := range errs {
		texts[i] = err.field + ": " + err.reason
	}
	return envelope{Type: "error", Action: actionError, Message: new("Error de validación: " + strings.Join(texts, "; "))}
}

// fieldError is one thing wrong with the input: the field's name and a reason in Spanish. Neither
// quotes the input.
type fieldError struct{ field, reason string }

func (e envelopeWriter) write(w http.ResponseWriter, status int, answer envelope) {
	writeJSON(w, status, e.inCase(answer))
}

// inCase writes the action in lower case if the operator wants that.
func (e envelopeWriter) inCase(answer envelope) envelope {
	if e.lowerCase {
		answer.Action = strings.ToLower(answer.Action)
	}
	return answer
}

// detailAnswer is the answer of refusals about tokens, permissions and rates.
type detailAnswer struct {
	Detail string `json:"detail"`
}

// writeDetail writes a refusal without an envelope.
func writeDetail(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, detailAnswer{message})
}

// writeJSON encodes the whole value before it writes, so that a failure leaves no partial answer.
// It panics on a value that cannot be encoded, which is a programming error.
func writeJSON(w http.ResponseWriter, status int, value any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // an error means that the caller disconnected
}

// nullIfEmpty returns nil, which JSON writes as null, for an empty text.
func nullIfEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
