package auth

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"github.com/golang-jwt/jwt/v5"
)

// tokenType is the typ header of new tokens (RFC 9068). Older versions issued oldTokenType.
const (
	tokenType    = "at+jwt"
	oldTokenType = "JWT"
)

var (
	errTokenType  = errors.New("typ must be at+jwt or JWT")
	errUnknownKey = errors.New("kid names no key of this service")
	errCritical   = errors.New("crit names extensions, and this service knows none")
)

// keys verify tokens. The first one signs.
type keys struct {
	signing   []byte
	signingID string
	byID      map[string][]byte
	all       jwt.VerificationKeySet
}

// newKeys returns the keys for the secrets. It ignores empty secrets after the first.
func newKeys(secrets ...[]byte) *keys {
	k := &keys{
		signing: bytes.Clone(secrets[0]), signingID: keyID(secrets[0]), byID: map[string][]byte{},
	}
	for _, secret := range secrets {
		if len(secret) > 0 {
			key := bytes.Clone(secret)
			k.byID[keyID(key)] = key
			k.all.Keys = append(k.all.Keys, key)
		}
	}
	return k
}

// keyID names a key. It is an HMAC, so it reveals no more about the key than any signature does.
func keyID(secret []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("key id"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:9])
}

// keyFor returns the key to verify the token with. The kid header only selects one of our keys:
// keys and key URLs in the header are ignored. Older tokens have no kid, so all keys are tried.
func (k *keys) keyFor(token *jwt.Token) (any, error) {
	if typ, _ := token.Header["typ"].(string); typ != tokenType && typ != oldTokenType {
		return nil, errTokenType
	}
	if _, critical := token.Header["crit"]; critical { // RFC 7515, section 4.1.11
		return nil, errCritical
	}
	kid, ok := token.Header["kid"]
	if !ok {
		return k.all, nil
	}
	id, _ := kid.(string)
	if key, ok := k.byID[id]; ok {
		return key, nil
	}
	return nil, errUnknownKey
}
