package isp

import (
	"context"

	"wisphub-graphql/wisphub"
)

// crawlAll reads a whole list. Even while a caller waits, all pages after the first go as background
// work: a hundred pages would leave no budget to callers who ask for one client.
func crawlAll[R any](ctx context.Context, list wisphub.ListFunc[R], id func(*R) int) ([]R, error) {
	return wisphub.ReadAll(ctx, func(ctx context.Context, options wisphub.ListOptions) (*wisphub.Page[R], error) {
		if options.Offset > 0 {
			ctx = asBackground(ctx)
		}
		return list(ctx, options)
	}, id)
}
