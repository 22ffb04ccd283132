package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// hashedName is the keyed hash of a username or an address. It replaces the text wherever that is
// stored or shared, because users sometimes type their password into the username field.
type hashedName string

// nameHasher makes hashed names. The key prevents an attacker from finding the text by trying.
type nameHasher struct{ key []byte }

// newNameHasher derives a hasher from the signing secret, so that all replicas make equal hashes.
func newNameHasher(secret []byte) nameHasher {
	mac := hmac.New(sha256.New, secret)
	// A different text would orphan the hashes that snapshots already hold.
	mac.Write([]byte("digests of names and addresses"))
	return nameHasher{mac.Sum(nil)}
}

// hash returns the hashed name of a text. The kind keeps equal texts of two kinds apart; it must
// not contain a NUL byte.
func (h nameHasher) hash(kind, text string) hashedName {
	mac := hmac.New(sha256.New, h.key)
	mac.Write([]byte(kind + "\x00" + text))
	return hashedName(base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16]))
}

// account hashes a username. There need not be such a user.
func (h nameHasher) account(username string) hashedName { return h.hash("account", username) }

// address hashes the network of the source, see [Network]. It returns "" if there is no address.
func (h nameHasher) address(source Source) hashedName {
	network := networkOf(source.Address)
	if network == "" {
		return ""
	}
	return h.hash("address", network)
}

// pair hashes the combination of an account and an address.
func (h nameHasher) pair(account, address hashedName) hashedName {
	return h.hash("account at address", string(account)+string(address))
}
