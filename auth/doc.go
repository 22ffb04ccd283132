// Package auth decides who is calling: it turns a username and a password into an access token, and an access token
// into a [Caller].
//
//	users, err := auth.NewUsers(auth.User{Username: "ana", PasswordHash: hash, Scopes: auth.AllScopes()})
//	tokens, err := auth.NewTokens(auth.TokenConfig{Secret: secret, Lifetime: time.Hour})
//	service := auth.NewService(users, tokens, auth.NewAudit(logger))
//	handler := service.Authenticate(auth.RequireCaller(private))
//
// Passwords are kept as bcrypt hashes, tokens are signed JWTs, and what a caller may do is a set of [Scope]s. The package
// keeps nothing of its own: a token is good until it expires, its user is removed or the secret changes.
//
// No error and no log line of this package contains a password, a hash, a secret or a token.
package auth
