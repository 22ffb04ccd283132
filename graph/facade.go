package graph

import (
	"context"
	"slices"

	"wisphub-graphql/auth"
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
