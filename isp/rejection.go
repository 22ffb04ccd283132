package isp

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"wisphub-graphql/wisphub"
)

// refused turns WispHub's refusal of a write into words about its input; err itself when it is none. Paths are by WispHub's
// names of the fields.
func (d *Desk) refused(noun string, err error, paths map[string][]string, id []string) (userErrors, error) {
	var wrong userErrors
	upstream := (*wisphub.Error)(nil)
	switch {
	case errors.Is(err, wisphub.ErrOutcomeUnknown):
		return nil, outcomeUnknown(noun, err)
	case errors.Is(err, wisphub.ErrNotFound):
		wrong.add(CodeNotFound, "WispHub does not know it.", id...)
	case errors.Is(err, wisphub.ErrRefused) && errors.As(err, &upstream):
		d.cfg.Logger.Warn("WispHub refused a write", "error", err)
		for _, field := range slices.Sorted(maps.Keys(upstream.Fields)) {
			if path := paths[field]; path != nil { // what it says of anything else is for the log
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

// outcomeUnknown is the error of a write that was sent, and of which nothing tells whether it was carried out.
func outcomeUnknown(noun string, cause error) error {
	return &FetchError{Noun: noun, kind: ErrOutcomeUnknown, cause: cause}
}
