package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// digest stands for a name or an address wherever it is remembered, shared or kept: what people type into a login form may
// be a password.
type digest string

// digester makes digests. Without its key nobody can find out what they stand for by trying.
type digester struct{ key []byte }

// newDigester returns the digester of a signing key. Replicas have the same one.
func newDigester(secret []byte) digester {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("digests of names and addresses"))
	return digester{mac.Sum(nil)}
}

// of returns the digest of a text of some kind. A kind has no NUL.
func (d digester) of(kind, text string) digest {
	mac := hmac.New(sha256.New, d.key)
	mac.Write([]byte(kind + "\x00" + text))
	return digest(base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16]))
}

// account returns the digest of a name, which need not be a user's.
func (d digester) account(name string) digest { return d.of("account", name) }

// address returns the digest of where a login comes from, "" for nowhere.
func (d digester) address(source Source) digest {
	network := networkOf(source.Address)
	if network == "" {
		return ""
	}
	return d.of("address", network)
}

// pair returns the digest of an account at an address.
func (d digester) pair(account, address digest) digest {
	return d.of("account at address", string(account)+string(address))
}
