package isp

import (
	"context"

	"wisphub-graphql/wisphub"
)

// crawlAll reads a whole list. Pages after the first have background priority even while a
// caller waits: a hundred pages would take the whole budget of callers who ask for one client.
func crawlAll[R any](ctx context.Context, list wisphub.ListFunc[R], id func(*R) int) ([]R, error) {
	return wisphub.ReadAll(ctx, func(ctx context.Context, options wisphub.ListOptions) (*wisphub.Page[R], error) {
		if options.Offset > 0 {
			ctx = withBackgroundPriority(ctx)
		}
		return list(ctx, options)
	}, id)
}
