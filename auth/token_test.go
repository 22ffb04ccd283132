package auth

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var (
	testSecret     = []byte(rand.Text() + rand.Text())
	previousSecret = []byte(rand.Text() + rand.Text())
	foreignSecret  = []byte(rand.Text() + rand.Text())
	ana            = User{Username: "ana", Scopes: []Scope{ScopeRead, ScopeSupport}}
)

func newTokens(t testing.TB, cfg TokenConfig) *Tokens {
	t.Helper()
	if cfg.Secret == nil {
		cfg.Secret = testSecret
	}
	if cfg.Lifetime == 0 {
		cfg.Lifetime = time.Hour
	}
	tokens, err := NewTokens(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func issue(t testing.TB, tokens *Tokens) Token {
	t.Helper()
	token, err := tokens.Issue(ana)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestNewTokens_ReportsAllMistakes(t *testing.T) {
	t.Parallel()
	short := []byte("0123456789012345678901234567890")
	tokens, err := NewTokens(TokenConfig{Secret: short, PreviousSecret: short, Algorithm: "RS256"})
	if err == nil || tokens != nil {
		t.Fatalf("NewTokens = %v, %v, want an error", tokens, err)
	}
	for _, want := range []string{"secret must", "previous secret must", "algorithm", "lifetime"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("NewTokens = %v, want an error with %q", err, want)
		}
	}
	if strings.Contains(err.Error(), string(short)) {
		t.Errorf("NewTokens = %v, want an error without the secret", err)
	}
}

func TestIssue_Verify(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"", "HS256", "HS384", "HS512"} {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(1500 * time.Millisecond) // tokens contain whole seconds
			tokens := newTokens(t, TokenConfig{Algorithm: algorithm})
			token := issue(t, tokens)
			expiresAt := time.Now().UTC().Truncate(time.Second).Add(time.Hour)
			if token.TokenType != "bearer" || token.ExpiresIn != 3600 || !token.ExpiresAt.Equal(expiresAt) {
				t.Errorf("Issue with %q = %s, %d, %s, want bearer, 3600, %s",
					algorithm, token.TokenType, token.ExpiresIn, token.ExpiresAt, expiresAt)
			}
			caller, err := tokens.Verify(token.AccessToken)
			if err != nil {
				t.Fatalf("Verify with %q = %v", algorithm, err)
			}
			if caller.Username != "ana" || !slices.Equal(caller.Scopes, ana.Scopes) ||
				!caller.ExpiresAt.Equal(expiresAt) || caller.TokenID == "" {
				t.Errorf("Verify with %q = %+v, want ana with her scopes", algorithm, caller)
			}
		})
	}
}

func TestIssue_TokensDiffer(t *testing.T) {
	t.Parallel()
	tokens := newTokens(t, TokenConfig{})
	if a, b := issue(t, tokens), issue(t, tokens); a.AccessToken == b.AccessToken {
		t.Error("Issue returned the same token twice")
	}
}

func TestVerify_Expiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tokens := newTokens(t, TokenConfig{})
		token := issue(t, tokens).AccessToken
		time.Sleep(time.Hour + clockLeeway - time.Second)
		if _, err := tokens.Verify(token); err != nil {
			t.Errorf("Verify within the leeway = %v, want nil", err)
		}
		time.Sleep(time.Second)
		wantInvalid(t, tokens, token, jwt.ErrTokenExpired)
	})
}

func TestPreviousSecret_VerifiesOnly(t *testing.T) {
	t.Parallel()
	before := newTokens(t, TokenConfig{Secret: previousSecret})
	after := newTokens(t, TokenConfig{PreviousSecret: previousSecret})
	for name, token := range map[string]string{
		"current version": issue(t, before).AccessToken,
		"older version":   sign(t, jwt.SigningMethodHS256, validClaims(), nil, previousSecret),
	} {
		if _, err := after.Verify(token); err != nil {
			t.Errorf("Verify(token of the previous secret, %s) = %v, want nil", name, err)
		}
	}
	wantInvalid(t, before, issue(t, after).AccessToken, jwt.ErrTokenUnverifiable)
	wantInvalid(t, newTokens(t, TokenConfig{}), issue(t, before).AccessToken, jwt.ErrTokenUnverifiable)
}

func TestIssue_HeaderNamesTheKey(t *testing.T) {
	t.Parallel()
	header := func(secret []byte) map[string]any {
		token, _, err := jwt.NewParser().ParseUnverified(issue(t, newTokens(t, TokenConfig{Secret: secret})).AccessToken, jwt.MapClaims{})
		if err != nil {
			t.Fatal(err)
		}
		return token.Header
	}
	one, other := header(testSecret), header(previousSecret)
	if len(one) != 3 || one["typ"] != "at+jwt" || one["alg"] != "HS256" || one["kid"] == other["kid"] {
		t.Errorf("headers = %v, %v, want typ, alg and a different kid for each key", one, other)
	}
	if kid, _ := one["kid"].(string); len(kid) != 12 || strings.Contains(string(testSecret), kid) {
		t.Errorf("kid = %q, want 12 characters that are not part of the key", kid)
	}
}

func TestIssue_LongestUsername(t *testing.T) {
	t.Parallel()
	tokens := newTokens(t, TokenConfig{Algorithm: "HS512"})
	// "<" is the longest character: JSON escapes it with six bytes.
	token, err := tokens.Issue(User{Username: strings.Repeat("<", maxUsernameBytes), Scopes: AllScopes()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Verify(token.AccessToken); err != nil {
		t.Errorf("Verify(token with the longest username) = %v, want nil", err)
	}
}
