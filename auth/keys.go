package auth

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"github.com/golang-jwt/jwt/v5"
)

// tokenType is the typ of new tokens (RFC 9068); oldTokenType that of those which are about from before.
const (
	tokenType    = "at+jwt"
	oldTokenType = "JWT"
)

var (
	errTokenType  = errors.New("not of the type of an access token")
	errUnknownKey = errors.New("signed by a key that is not ours")
)

// keys verify tokens; the first one signs.
type keys struct {
	signing   []byte
	signingID string
	byID      map[string][]byte
	all       jwt.VerificationKeySet
}

// newKeys returns the keys of these secrets, empty ones left out.
func newKeys(secrets ...[]byte) *keys {
	k := &keys{signing: bytes.Clone(secrets[0]), signingID: keyID(secrets[0]), byID: map[string][]byte{}}
	for _, secret := range secrets {
		if len(secret) > 0 {
			key := bytes.Clone(secret)
			k.byID[keyID(key)] = key
			k.all.Keys = append(k.all.Keys, key)
		}
	}
	return k
}

// keyID names a key without telling anything of it that a signature does not tell as well.
func keyID(secret []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("key id"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:9])
}

// of returns the key that must have signed the token. The token's header says which of ours it is and nothing else: no key
// comes from there, nor from where it points to. Tokens of older versions do not say, so that each key may be theirs.
func (k *keys) of(token *jwt.Token) (any, error) {
	if kind, _ := token.Header["typ"].(string); kind != tokenType && kind != oldTokenType {
		return nil, errTokenType
	}
	named, ok := token.Header["kid"]
	if !ok {
		return k.all, nil
	}
	id, _ := named.(string)
	if key, ok := k.byID[id]; ok {
		return key, nil
	}
	return nil, errUnknownKey
}
