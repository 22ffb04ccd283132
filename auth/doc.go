// Package auth decides who is calling: it turns a username and a password into an access token, and an access token
// into a [Caller].
//
//	users, err := auth.NewUsers(auth.User{Username: "ana", PasswordHash: hash, Scopes: auth.AllScopes()})
//	tokens, err := auth.NewTokens(auth.TokenConfig{Secret: secret, Lifetime: time.Hour})
//	service := auth.NewService(users, tokens, auth.NewAudit(logger))
//	handler := service.Authenticate(auth.RequireCaller(private))
//
// Passwords are kept as bcrypt hashes, tokens are signed JWTs, and what a caller may do is a set of [Scope]s. A token is good
// until it expires, [Service.Logout] ends it, its user is removed or gets another password, or the secret changes.
//
// Failed logins, ended tokens and the addresses of users are remembered in memory. [Service.Join] and [Service.KeepWith] are for
// those who want replicas and later processes to know of them too.
//
// No error and no log line of this package contains a password, a hash, a secret or a token.
package auth
