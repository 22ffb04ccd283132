package auth

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// issuer is both the iss and the aud claim, because only the facade itself accepts its tokens.
	issuer = "wisphub-graphql"
	// clockLeeway is the tolerated difference between the clocks of two replicas.
	clockLeeway    = 5 * time.Second
	minSecretBytes = 32
	maxTokenBytes  = 4 << 10
)

// ErrInvalidToken is returned for a token that is malformed, forged, expired or revoked. The error
// that wraps it gives the reason, for logs only: callers must not learn it.
var ErrInvalidToken = errors.New("invalid access token")

// Token is a new access token.
type Token struct {
	AccessToken string
	// TokenType is always "bearer".
	TokenType string
	// ExpiresIn is the lifetime of the token in seconds.
	ExpiresIn int
	ExpiresAt time.Time
}

// TokenConfig is the configuration of [Tokens].
type TokenConfig struct {
	// Secret signs and verifies tokens. At least 32 bytes. Required.
	Secret []byte
	// PreviousSecret only verifies tokens, so that changing Secret does not end all sessions.
	// At least 32 bytes. Optional.
	PreviousSecret []byte
	// Algorithm is HS256, HS384 or HS512. Tokens signed with another one are invalid. Optional: the
	// default is HS256.
	Algorithm string
	// Lifetime is how long a token is valid, rounded down to whole seconds. Required.
	Lifetime time.Duration
}

// Tokens issues and verifies access tokens. It is safe for concurrent use.
type Tokens struct {
	keys     *keys
	method   jwt.SigningMethod
	lifetime time.Duration
	parser   *jwt.Parser
}

// NewTokens returns Tokens for a configuration. Its error joins all mistakes, without values.
func NewTokens(cfg TokenConfig) (*Tokens, error) {
	method, err := signingMethod(cfg.Algorithm)
	if err := errors.Join(cfg.check(), err); err != nil {
		return nil, err
	}
	return &Tokens{
		keys:     newKeys(cfg.Secret, cfg.PreviousSecret),
		method:   method,
		lifetime: cfg.Lifetime.Truncate(time.Second),
		parser:   newParser(method),
	}, nil
}

func (cfg TokenConfig) check() error {
	var mistakes []error
	if len(cfg.Secret) < minSecretBytes {
		mistakes = append(mistakes, fmt.Errorf("secret must have at least %d bytes", minSecretBytes))
	}
	if n := len(cfg.PreviousSecret); n > 0 && n < minSecretBytes {
		mistakes = append(mistakes, fmt.Errorf("previous secret must have at least %d bytes", minSecretBytes))
	}
	if cfg.Lifetime < time.Second {
		mistakes = append(mistakes, errors.New("token lifetime must be at least one second"))
	}
	return errors.Join(mistakes...)
}

func signingMethod(algorithm string) (jwt.SigningMethod, error) {
	switch algorithm {
	case "", "HS256":
		return jwt.SigningMethodHS256, nil
	case "HS384":
		return jwt.SigningMethodHS384, nil
	case "HS512":
		return jwt.SigningMethodHS512, nil
	}
	return nil, errors.New("token algorithm must be HS256, HS384 or HS512")
}

// newParser returns a strict parser. By default, the library accepts the algorithm that the token
// names and treats each claim as optional.
func newParser(method jwt.SigningMethod) *jwt.Parser {
	return jwt.NewParser(
		jwt.WithValidMethods([]string{method.Alg()}),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(issuer),
		jwt.WithExpirationRequired(),
		jwt.WithNotBeforeRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(clockLeeway),
		jwt.WithStrictDecoding(),
	)
}

// claims are the contents of a token.
type claims struct {
	jwt.RegisteredClaims
	Scopes []Scope `json:"scopes"`
	// Password is the fingerprint of the user's password hash, see [Service.check].
	Password string `json:"pwd,omitempty"`
	// LoggedIn is the time of the login. Tokens issued by older versions have none.
	LoggedIn *jwt.NumericDate `json:"auth_time,omitempty"`
	// LoggedInMillis is LoggedIn in milliseconds, because a session may begin in the same second in
	// which all earlier ones were ended. Tokens issued by older versions have none.
	LoggedInMillis int64 `json:"auth_ms,omitempty"`
	// Session identifies the login, see [session]. Tokens issued by older versions have none.
	Session string `json:"sid,omitempty"`
}

// Validate checks claims that the parser has no option for. The parser calls it.
func (c claims) Validate() error {
	if c.Subject == "" || c.ID == "" || c.IssuedAt == nil {
		return jwt.ErrTokenRequiredClaimMissing
	}
	return nil
}

// session is a login with all renewals of its token.
type session struct {
	id       string
	loggedIn time.Time
}

// Issue returns a new token for a user who has just logged in.
func (t *Tokens) Issue(user User) (Token, error) { return t.issueFirst(user, time.Now()) }

// issueFirst returns the first token of a new session. Its ID is that of the session: replicas of an
// older version know a session by its tokens only.
func (t *Tokens) issueFirst(user User, loggedIn time.Time) (Token, error) {
	id := rand.Text()
	return t.issue(user, session{id, loggedIn}, id)
}

// issue returns a new token of a session.
func (t *Tokens) issue(user User, of session, tokenID string) (Token, error) {
	now := time.Now().UTC().Truncate(time.Second)
	expiresAt := now.Add(t.lifetime)
	token := jwt.NewWithClaims(t.method, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    issuer,
			Audience:  jwt.ClaimStrings{issuer},
			Subject:   user.Username,
			ID:        tokenID,
			IssuedAt:  jwt.NewNumericDate(now),
			NotBefore: jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(expiresAt),
		},
		Scopes:         user.Scopes,
		Password:       fingerprint(user.PasswordHash),
		LoggedIn:       jwt.NewNumericDate(of.loggedIn),
		LoggedInMillis: of.loggedIn.UnixMilli(),
		Session:        of.id,
	})
	token.Header["typ"], token.Header["kid"] = tokenType, t.keys.signingID
	raw, err := token.SignedString(t.keys.signing)
	if err != nil {
		return Token{}, fmt.Errorf("sign access token: %w", err)
	}
	return Token{
		AccessToken: raw, TokenType: "bearer", ExpiresIn: int(t.lifetime.Seconds()), ExpiresAt: expiresAt,
	}, nil
}

// Verify returns the caller that the token names, with the token's scopes, or an error that wraps
// [ErrInvalidToken]. It does not check whether the user still exists: [Service.Verify] does.
func (t *Tokens) Verify(raw string) (*Caller, error) {
	token, err := t.verify(raw)
	return token.caller, err
}

// verify returns the caller that the token names, and when the token is valid.
func (t *Tokens) verify(raw string) (verifiedToken, error) {
	// Base64 decoders skip line breaks. Accepting them would give one token several spellings.
	if len(raw) > maxTokenBytes || strings.ContainsAny(raw, "\r\n") {
		return verifiedToken{}, fmt.Errorf("%w: %w", ErrInvalidToken, jwt.ErrTokenMalformed)
	}
	var c claims
	if _, err := t.parser.ParseWithClaims(raw, &c, t.keys.keyFor); err != nil {
		return verifiedToken{}, fmt.Errorf("%w: %w", ErrInvalidToken, reason(err))
	}
	caller := &Caller{
		Username:  c.Subject,
		Scopes:    intersection(c.Scopes, AllScopes()),
		ExpiresAt: c.ExpiresAt.UTC(),
		TokenID:   c.ID,
		password:  c.Password,
		session:   session{cmp.Or(c.Session, c.ID), c.loggedIn()},
	}
	return verifiedToken{
		caller:    caller,
		notBefore: latest(c.NotBefore.Time, c.IssuedAt.Time).Add(-clockLeeway),
		expires:   c.ExpiresAt.Add(clockLeeway),
	}, nil
}

// loggedIn returns the time of the login. A token of an older version may have been issued up to a
// second after it.
func (c claims) loggedIn() time.Time {
	switch {
	case c.LoggedInMillis != 0:
		return time.UnixMilli(c.LoggedInMillis)
	case c.LoggedIn != nil:
		return c.LoggedIn.Time
	}
	return c.IssuedAt.Time
}

// reason replaces an error of the library by a sentinel, because the error may quote the token.
func reason(err error) error {
	for _, known := range []error{
		jwt.ErrTokenMalformed,
		jwt.ErrTokenUnverifiable,
		jwt.ErrTokenSignatureInvalid,
		jwt.ErrTokenExpired,
		jwt.ErrTokenNotValidYet,
		jwt.ErrTokenUsedBeforeIssued,
		jwt.ErrTokenInvalidIssuer,
		jwt.ErrTokenInvalidAudience,
		jwt.ErrTokenRequiredClaimMissing,
	} {
		if errors.Is(err, known) {
			return known
		}
	}
	return jwt.ErrTokenInvalidClaims
}
