package auth

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// validClaims returns claims that Verify accepts.
func validClaims() jwt.MapClaims {
	now := time.Now().Unix()
	return jwt.MapClaims{
		"iss": issuer, "aud": issuer, "sub": "ana", "jti": "1", "scopes": []string{"READ"},
		"iat": now, "nbf": now, "exp": now + 60,
	}
}

// sign makes a token without Tokens, as an attacker would.
func sign(t testing.TB, method jwt.SigningMethod, claims jwt.Claims, header map[string]any, key any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	for name, value := range header {
		token.Header[name] = value
	}
	raw, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// wantInvalid checks that the token is invalid and that the error contains no part of it.
func wantInvalid(t *testing.T, tokens *Tokens, raw string, want error) {
	t.Helper()
	caller, err := tokens.Verify(raw)
	if caller != nil || !errors.Is(err, ErrInvalidToken) || !errors.Is(err, want) {
		t.Fatalf("Verify = %v, %v, want %v: %v", caller, err, ErrInvalidToken, want)
	}
	for _, part := range strings.Split(raw, ".") {
		if len(part) > 8 && strings.Contains(err.Error(), part) {
			t.Errorf("Verify = %v, want an error without the token", err)
		}
	}
}

func TestVerify_ForgedSignatures(t *testing.T) {
	t.Parallel()
	hs256, none := jwt.SigningMethodHS256, jwt.SigningMethodNone
	tokens := newTokens(t, TokenConfig{PreviousSecret: previousSecret})
	valid := issue(t, tokens).AccessToken
	parts := strings.Split(valid, ".")
	admin := strings.Split(sign(t, hs256, validClaims(), nil, foreignSecret), ".")[1]
	rs256 := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`))
	header := func(name string, value any) map[string]any { return map[string]any{name: value} }
	signed := func(header map[string]any) string { return sign(t, hs256, validClaims(), header, testSecret) }
	for name, raw := range map[string]string{
		"alg none":                    sign(t, none, validClaims(), nil, jwt.UnsafeAllowNoneSignatureType),
		"alg None":                    sign(t, none, validClaims(), map[string]any{"alg": "None"}, jwt.UnsafeAllowNoneSignatureType),
		"alg none, valid signature":   sign(t, none, validClaims(), nil, jwt.UnsafeAllowNoneSignatureType) + parts[2],
		"RS256 signed with secret":    resign(t, rs256+"."+parts[1]),
		"HS512 with the secret":       sign(t, jwt.SigningMethodHS512, validClaims(), nil, testSecret),
		"another secret":              sign(t, hs256, validClaims(), nil, foreignSecret),
		"path in kid, empty key":      sign(t, hs256, validClaims(), header("kid", "../../../dev/null"), []byte{}),
		"path in kid":                 signed(header("kid", "../../../dev/null")),
		"unknown kid":                 signed(header("kid", keyID(foreignSecret))),
		"empty kid":                   signed(header("kid", "")),
		"kid is a number":             signed(header("kid", 7)),
		"kid is a list":               signed(header("kid", []string{keyID(testSecret)})),
		"kid of our other key":        signed(header("kid", keyID(previousSecret))),
		"our kid, another key":        sign(t, hs256, validClaims(), header("kid", keyID(testSecret)), foreignSecret),
		"kid is the key":              signed(header("kid", string(testSecret))),
		"ID token":                    signed(header("typ", "id+jwt")),
		"typ is null":                 signed(header("typ", nil)),
		"key in the header":           sign(t, hs256, validClaims(), map[string]any{"jwk": string(foreignSecret)}, foreignSecret),
		"another payload":             parts[0] + "." + admin + "." + parts[2],
		"no signature":                parts[0] + "." + parts[1] + ".",
		"half a signature":            valid[:len(valid)-20],
		"no alg":                      resign(t, base64.RawURLEncoding.EncodeToString([]byte(`{}`))+"."+parts[1]),
		"header is not JSON":          resign(t, "eyJ."+parts[1]),
		"line break in the signature": valid[:len(valid)-4] + "\n" + valid[len(valid)-4:],
		"padding":                     valid + "=",
		"other spelling, same bytes":  respell(valid),
		"four parts":                  valid + ".",
		"many parts":                  strings.Repeat(".", 1000),
		"over 4 KiB, valid signature": sign(t, hs256, validClaims(), map[string]any{"x": strings.Repeat("x", maxTokenBytes)}, testSecret),
		"empty":                       "",
		"spaces":                      " " + valid,
	} {
		t.Run(name, func(t *testing.T) { wantInvalid(t, tokens, raw, ErrInvalidToken) })
	}
}

// respell flips a bit of the last character that decoding ignores.
func respell(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(token) - 1
	return token[:last] + string(alphabet[strings.IndexByte(alphabet, token[last])^1])
}

// resign signs the text with the secret, whatever algorithm its header names.
func resign(t *testing.T, text string) string {
	t.Helper()
	signature, err := jwt.SigningMethodHS256.Sign(text, testSecret)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestVerify_ErrorDoesNotQuoteToken(t *testing.T) {
	t.Parallel()
	parts := []string{`{"alg":"HS256"}`, `{"exp":"invented"}`, ""}
	for i, part := range parts {
		parts[i] = base64.RawURLEncoding.EncodeToString([]byte(part))
	}
	_, err := newTokens(t, TokenConfig{}).Verify(strings.Join(parts, "."))
	if err == nil || strings.Contains(err.Error(), "invented") {
		t.Errorf("Verify = %v, want an error that does not quote the token", err)
	}
}

func TestVerify_RequiresEveryClaim(t *testing.T) {
	t.Parallel()
	tokens := newTokens(t, TokenConfig{})
	past, future := time.Now().Add(-time.Minute).Unix(), time.Now().Add(time.Minute).Unix()
	missing := jwt.ErrTokenRequiredClaimMissing
	for _, test := range []struct {
		claim string
		value any // nil removes the claim
		want  error
	}{
		{"iss", nil, missing},
		{"iss", "another-service", jwt.ErrTokenInvalidIssuer},
		{"aud", nil, missing},
		{"aud", "another-service", jwt.ErrTokenInvalidAudience},
		{"aud", []any{}, missing},
		{"exp", nil, missing},
		{"exp", past, jwt.ErrTokenExpired},
		{"exp", "soon", jwt.ErrTokenMalformed},
		{"nbf", nil, missing},
		{"nbf", future, jwt.ErrTokenNotValidYet},
		{"iat", nil, missing},
		{"iat", future, jwt.ErrTokenUsedBeforeIssued},
		{"sub", nil, missing},
		{"sub", "", missing},
		{"sub", 7, jwt.ErrTokenMalformed},
		{"jti", nil, missing},
		{"jti", "", missing},
		{"scopes", "READ", jwt.ErrTokenMalformed},
		{"scopes", []any{1}, jwt.ErrTokenMalformed},
	} {
		claims := validClaims()
		claims[test.claim] = test.value
		if test.value == nil {
			delete(claims, test.claim)
		}
		t.Run(test.claim, func(t *testing.T) {
			wantInvalid(t, tokens, sign(t, jwt.SigningMethodHS256, claims, nil, testSecret), test.want)
		})
	}
}

func TestVerify_ValidClaims(t *testing.T) {
	t.Parallel()
	tokens := newTokens(t, TokenConfig{})
	for name, header := range map[string]map[string]any{
		"older version":    nil,
		"with a kid":       {"kid": keyID(testSecret), "typ": "at+jwt"},
		"keys are ignored": {"jku": "http://127.0.0.1/keys", "x5u": "file:///dev/null", "jwk": map[string]any{"kty": "oct"}},
	} {
		if _, err := tokens.Verify(sign(t, jwt.SigningMethodHS256, validClaims(), header, testSecret)); err != nil {
			t.Errorf("%s: Verify = %v, want nil, or the tests of invalid tokens prove nothing", name, err)
		}
	}
}

func TestVerify_DropsUnknownScopes(t *testing.T) {
	t.Parallel()
	tokens := newTokens(t, TokenConfig{})
	for _, test := range []struct{ scopes, want []Scope }{
		{nil, nil},
		{[]Scope{"ROOT", "read"}, nil},
		{[]Scope{"ROOT", ScopeSupport}, []Scope{ScopeRead, ScopeSupport}},
	} {
		claims := validClaims()
		claims["scopes"] = test.scopes
		caller, err := tokens.Verify(sign(t, jwt.SigningMethodHS256, claims, nil, testSecret))
		if err != nil || !slices.Equal(caller.Scopes, test.want) {
			t.Errorf("Verify(token with %v) = %v, %v, want scopes %v", test.scopes, caller, err, test.want)
		}
	}
}

func FuzzVerify(f *testing.F) {
	tokens := newTokens(f, TokenConfig{})
	valid := issue(f, tokens).AccessToken
	f.Add(valid)
	f.Add(valid + "=")
	f.Add(valid[:len(valid)-1] + "\n" + valid[len(valid)-1:])
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add(sign(f, jwt.SigningMethodHS256, validClaims(), map[string]any{"kid": "../.."}, foreignSecret))
	f.Fuzz(func(t *testing.T, raw string) {
		caller, err := tokens.Verify(raw)
		if raw == valid {
			return
		}
		if caller != nil || !errors.Is(err, ErrInvalidToken) {
			t.Errorf("Verify(%q) = %v, %v, want %v", raw, caller, err, ErrInvalidToken)
		}
	})
}

// The signature is valid, and the extension is one that RFC 7797 defines.
func Test15_Small_CritIsRefused(t *testing.T) {
	t.Parallel()
	tokens := newTokens(t, TokenConfig{})
	for name, crit := range map[string]any{"b64": []string{"b64"}, "exp": []string{"exp"}, "empty": []string{}, "null": nil, "text": "exp"} {
		header := map[string]any{"crit": crit, "b64": true, "kid": keyID(testSecret), "typ": tokenType}
		raw := sign(t, jwt.SigningMethodHS256, validClaims(), header, testSecret)
		t.Run(name, func(t *testing.T) { wantInvalid(t, tokens, raw, jwt.ErrTokenUnverifiable) })
	}
}
