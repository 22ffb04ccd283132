package auth

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// issuer is the iss and the aud of every token: the facade signs for itself alone.
	issuer = "wisphub-graphql"
	// clockLeeway forgives the clocks of two replicas for not agreeing.
	clockLeeway    = 5 * time.Second
	minSecretBytes = 32
	maxTokenBytes  = 4 << 10
)

// ErrInvalidToken is returned for a token that is not, not yet or no longer good. The text of the error that wraps it says
// why, for logs; callers are told nothing but that they are nobody.
var ErrInvalidToken = errors.New("invalid access token")

// Token is an access token, as a login answers it.
type Token struct {
	AccessToken string
	// TokenType is always "bearer".
	TokenType string
	// ExpiresIn is the whole life of the token, in seconds.
	ExpiresIn int
	ExpiresAt time.Time
}

// TokenConfig says how tokens are signed.
type TokenConfig struct {
	// Secret signs and verifies, at least 32 bytes. Required.
	Secret []byte
	// PreviousSecret still verifies and never signs, so that Secret can be changed without ending every session.
	// At least 32 bytes. Optional.
	PreviousSecret []byte
	// Algorithm is HS256, HS384 or HS512; a token of another one is refused. Optional, HS256.
	Algorithm string
	// Lifetime is how long a token is good, in whole seconds: a fraction is dropped. Required.
	Lifetime time.Duration
}

// Tokens issues and verifies access tokens. It is safe for concurrent use.
type Tokens struct {
	keys     *keys
	method   jwt.SigningMethod
	lifetime time.Duration
	parser   *jwt.Parser
}

// NewTokens returns Tokens for a configuration, or all of its mistakes together, by field and without values.
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
		mistakes = append(mistakes, fmt.Errorf("secret has less than %d bytes", minSecretBytes))
	}
	if n := len(cfg.PreviousSecret); n > 0 && n < minSecretBytes {
		mistakes = append(mistakes, fmt.Errorf("previous secret has less than %d bytes", minSecretBytes))
	}
	if cfg.Lifetime < time.Second {
		mistakes = append(mistakes, errors.New("token lifetime is less than a second"))
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
	return nil, errors.New("token algorithm is not HS256, HS384 or HS512")
}

// newParser returns a parser that takes nothing from the token on trust: left to itself, the library believes the token's
// own choice of algorithm and treats each claim as optional.
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

// claims is what a token says.
type claims struct {
	jwt.RegisteredClaims
	Scopes []Scope `json:"scopes"`
	// Password is a fingerprint, see [Service.check].
	Password string `json:"pwd,omitempty"`
	// LoggedIn is when the password was asked for; older versions did not say.
	LoggedIn *jwt.NumericDate `json:"auth_time,omitempty"`
}

// Validate demands the claims that the library cannot be told to; its parser calls it.
func (c claims) Validate() error {
	if c.Subject == "" || c.ID == "" || c.IssuedAt == nil {
		return jwt.ErrTokenRequiredClaimMissing
	}
	return nil
}

// Issue returns a new token for a user who has just logged in, good from now on.
func (t *Tokens) Issue(user User) (Token, error) { return t.issue(user, time.Now()) }

// issue returns a new token for a user who has logged in at that time.
func (t *Tokens) issue(user User, loggedIn time.Time) (Token, error) {
	now := time.Now().UTC().Truncate(time.Second)
	expiresAt := now.Add(t.lifetime)
	token := jwt.NewWithClaims(t.method, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    issuer,
			Audience:  jwt.ClaimStrings{issuer},
			Subject:   user.Username,
			ID:        rand.Text(),
			IssuedAt:  jwt.NewNumericDate(now),
			NotBefore: jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(expiresAt),
		},
		Scopes:   user.Scopes,
		Password: fingerprint(user.PasswordHash),
		LoggedIn: jwt.NewNumericDate(loggedIn),
	})
	token.Header["typ"], token.Header["kid"] = tokenType, t.keys.signingID
	raw, err := token.SignedString(t.keys.signing)
	if err != nil {
		return Token{}, fmt.Errorf("sign access token: %w", err)
	}
	return Token{AccessToken: raw, TokenType: "bearer", ExpiresIn: int(t.lifetime.Seconds()), ExpiresAt: expiresAt}, nil
}

// Verify returns whom the token names, with the token's scopes, or an error that wraps [ErrInvalidToken]. It does not
// know whether that user still exists; [Service.Verify] does.
func (t *Tokens) Verify(raw string) (*Caller, error) {
	// Base64 decoders skip line breaks, and so would make several spellings of one token good.
	if len(raw) > maxTokenBytes || strings.ContainsAny(raw, "\r\n") {
		return nil, fmt.Errorf("%w: %w", ErrInvalidToken, jwt.ErrTokenMalformed)
	}
	var c claims
	if _, err := t.parser.ParseWithClaims(raw, &c, t.keys.of); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalidToken, reason(err))
	}
	loggedIn := c.IssuedAt
	if c.LoggedIn != nil {
		loggedIn = c.LoggedIn
	}
	return &Caller{
		Username:  c.Subject,
		Scopes:    intersection(c.Scopes, AllScopes()),
		ExpiresAt: c.ExpiresAt.UTC(),
		TokenID:   c.ID,
		password:  c.Password,
		issuedAt:  c.IssuedAt.Time,
		loggedIn:  loggedIn.Time,
	}, nil
}

// reason reduces an error of the library to one of its fixed texts, for the whole error may quote the token.
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
