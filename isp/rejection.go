package isp

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"wisphub-graphql/wisphub"
)

// rejection turns the error of a write into user errors if WispHub rejected the input. Otherwise
// it returns the error for the caller. Paths has the input fields by WispHub's field names, and id
// is the input field that names the record.
func (m *mutations) rejection(noun string, err error, paths map[string][]string, id []string) (userErrors, error) {
	var wrong userErrors
	upstream := (*wisphub.Error)(nil)
	switch {
	case errors.Is(err, wisphub.ErrOutcomeUnknown):
		return nil, outcomeUnknown(noun, err)
	case errors.Is(err, wisphub.ErrNotFound):
		wrong.add(CodeNotFound, "WispHub does not know it.", id...)
	case errors.Is(err, wisphub.ErrRefused) && errors.As(err, &upstream):
		m.logger.Warn("WispHub rejected a write", "error", err)
		for _, field := range slices.Sorted(maps.Keys(upstream.Fields)) {
			if path := paths[field]; path != nil { // other fields are for the log only
				wrong.add(CodeRefused, strings.Join(upstream.Fields[field], " "), path...)
			}
		}
		if len(wrong) == 0 {
			wrong.add(CodeRefused, "WispHub refused this.")
		}
	default:
		return nil, fetchError(noun, err)
	}
	return wrong, nil
}

// outcomeUnknown returns the error of a write that was sent, and that WispHub may or may not have
// carried out.
func outcomeUnknown(noun string, cause error) error {
	return &FetchError{Noun: noun, kind: ErrOutcomeUnknown, cause: cause}
}
