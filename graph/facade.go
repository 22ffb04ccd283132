package graph

import (
	"context"
	"slices"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/answers"
	"wisphub-graphql/isp"
)

// usersFor returns what the users have spent: of all users for an ADMIN, and otherwise of the caller.
func (r *Resolver) usersFor(ctx context.Context) []*isp.UserUsage {
	users, caller := r.users(), auth.FromContext(ctx)
	if caller != nil && slices.Contains(caller.Scopes, auth.ScopeAdmin) {
		return users
	}
	return slices.DeleteFunc(users, func(user *isp.UserUsage) bool {
		return caller == nil || string(user.Username) != caller.Username
	})
}

// statusWith returns a function that adds the shared answers to the data sets of a status.
func statusWith(status func() *isp.Status, shared func() answers.Stats) func() *isp.Status {
	return func() *isp.Status {
		now, stats := status(), shared()
		now.Caches = append(now.Caches, &isp.CacheStatus{
			Name: "answers", Entries: stats.Entries, Hits: int(stats.Hits), Misses: int(stats.Misses),
		})
		return now
	}
}
