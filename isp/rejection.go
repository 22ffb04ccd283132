package isp

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"wisphub-graphql/wisphub"
)

// MessageRefused is the message of a [CodeRefused] error if WispHub gave no reason.
const MessageRefused = "WispHub refused this."

// inputPaths has the input fields of a write by WispHub's field names.
type inputPaths map[string][]string

// rejection turns the error of a write into user errors if WispHub rejected the input. Otherwise it
// returns the error for the caller. Id is the input field that names the record.
func (m *mutations) rejection(noun string, err error, paths inputPaths, id []string) (userErrors, error) {
	var wrong userErrors
	upstream := (*wisphub.Error)(nil)
	switch {
	case errors.Is(err, wisphub.ErrOutcomeUnknown):
		return nil, outcomeUnknown(noun, err)
	case errors.Is(err, wisphub.ErrNotFound):
		wrong.add(CodeNotFound, "WispHub does not know it.", id...)
	case errors.Is(err, wisphub.ErrRefused) && errors.As(err, &upstream):
		m.logger.Warn("WispHub rejected a write", "error", err)
		wrong.refused(upstream.Fields, paths)
	default:
		return nil, fetchError(noun, err)
	}
	return wrong, nil
}

// refused adds WispHub's texts, which are by its field names. A text about a field that the input does
// not have is about the input as a whole, and begins with the field's name.
func (e *userErrors) refused(texts map[string][]string, paths inputPaths) {
	for _, field := range slices.Sorted(maps.Keys(texts)) {
		message := strings.Join(texts[field], " ")
		if field != "" && paths[field] == nil {
			message = field + ": " + message
		}
		e.add(CodeRefused, message, paths[field]...)
	}
	if len(*e) == 0 {
		e.add(CodeRefused, MessageRefused)
	}
}

// outcomeUnknown returns the error of a write that was sent, and that WispHub may or may not have
// carried out.
func outcomeUnknown(noun string, cause error) error {
	return &FetchError{Noun: noun, kind: ErrOutcomeUnknown, cause: cause}
}
