package isp

import (
	"context"

	"wisphub-graphql/cache"
	"wisphub-graphql/wisphub/ratelimit"
)

// WithUser returns a context for an operation of the user. Calls to WispHub that the operation causes
// count for the user. Call it when the operation begins, because it also notes that the user asks.
// The name is only compared with other names, and shown by [Provider.Users].
func (p *Provider) WithUser(ctx context.Context, username string) context.Context {
	p.Asked(username)
	return ratelimit.WithUser(cache.WithCaller(ctx, username), username)
}

// Asked notes that the user asks, for an operation that needs no context because its answer is ready.
func (p *Provider) Asked(username string) { p.api.Asked(username) }

// forUsers wraps the loader of records that are read one by one. Its calls count for one of the users
// who wait for the record. While no user waits, they count for the one who started the load, because
// a refresh in the background serves that user's demand. A load that finds nothing counts too.
func forUsers[K comparable, V any](
	options cache.Options, load func(ctx context.Context, key K) (V, error),
) func(ctx context.Context, key K) (V, error) {
	return func(ctx context.Context, key K) (V, error) {
		first := ratelimit.UsersFrom(ctx)
		ctx, bill := ratelimit.WithBill(ratelimit.WithUsers(ctx, func() []string {
			if waiting := cache.Callers(ctx); len(waiting) > 0 {
				return waiting
			}
			return first
		}))
		value, err := load(ctx, key)
		if err != nil && options.NotFound != nil && options.NotFound(err) {
			bill.NotFound()
		}
		return value, err
	}
}

// UserUsage is what one user has spent of WispHub's requests. Username is "" for a user whom this
// process does not know: its calls are from other replicas, or from before the start.
type UserUsage struct {
	Username           Text
	RequestsLastMinute int
	RequestsLastHour   int
	NotFoundLastHour   int
}

// Users returns what the users of the last hour have spent, the most first. It makes no upstream
// call.
func (p *Provider) Users() []*UserUsage {
	users := []*UserUsage{}
	for _, user := range p.api.Users() {
		users = append(users, &UserUsage{
			Username:           Text(user.Name),
			RequestsLastMinute: user.LastMinute,
			RequestsLastHour:   user.LastHour,
			NotFoundLastHour:   user.NotFoundLastHour,
		})
	}
	return users
}
