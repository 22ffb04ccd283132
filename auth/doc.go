// Package auth authenticates callers. It exchanges a username and a password for an access token,
// and an access token for a [Caller].
//
//	ana := auth.User{Username: "ana", PasswordHash: hash, Scopes: auth.AllScopes()}
//	users, err := auth.NewUsers(ana)
//	tokens, err := auth.NewTokens(auth.TokenConfig{Secret: secret, Lifetime: time.Hour})
//	service := auth.NewService(users, tokens, auth.NewAudit(logger))
//	handler := service.Authenticate(auth.RequireCaller(private))
//
// Passwords are stored as bcrypt hashes. Tokens are signed JWTs. A set of [Scope]s says what a
// caller may do.
//
// A token is valid until one of these happens: it expires, [Service.Logout] or another call ends its
// session, its user is removed or gets another password, or the secret that signed it is dropped.
//
// Failed logins, ended sessions and the known addresses of users are held in memory.
// [Service.SyncLogins] shares failed logins with other replicas. [Service.OnChange],
// [Service.Snapshot] and [Service.ApplySnapshot] carry the rest to replicas and later processes.
//
// No error and no log line of this package contains a password, a hash, a secret or a token.
package auth
