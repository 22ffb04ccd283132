package config

import (
	"regexp"
	"strings"

	"wisphub-graphql/auth"
)

// minSigningKeyBytes is the length of the output of HS256, the minimum of RFC 7518, section 3.2.
const minSigningKeyBytes = 32

// ParseUpstreamKey validates text by the rules of WISPHUB_NET_KEY and returns the key without
// surrounding whitespace. The error is an [*Error] that does not contain the key.
func ParseUpstreamKey(text string) (Secret, error) {
	var r report
	key := r.upstreamKey("WISPHUB_NET_KEY", NewSecret(text))
	return key, r.err()
}

// upstreamKey returns the key without surrounding whitespace, which often comes along when it is
// copied from WispHub's page.
func (r *report) upstreamKey(name string, key Secret) Secret {
	trimmed := strings.TrimSpace(key.Reveal())
	if trimmed != key.Reveal() {
		r.warn(name, "surrounding whitespace was removed")
	}
	r.require(name, trimmed != "", errFieldRequired)
	// WispHub reads the key from a header: Authorization: Api-Key KEY.
	r.require(name, !strings.ContainsFunc(trimmed, func(c rune) bool { return c <= ' ' || c > '~' }),
		problem{"must be printable ASCII without spaces: the key alone, without Api-Key", "value_error.key"})
	return NewSecret(trimmed)
}

// signingKey refuses guessable keys: an attacker who knows the key can sign tokens of any user.
func (r *report) signingKey(name string, key Secret) {
	r.require(name, !key.IsZero(), errFieldRequired)
	r.require(name, !isPlaceholder(key.Reveal()),
		problem{"is a placeholder; make a key with: openssl rand -base64 48", "value_error.placeholder"})
	r.require(name, len(key.Reveal()) >= minSigningKeyBytes,
		problem{"must be at least 32 bytes; make a key with: openssl rand -base64 48", "value_error.length"})
}

// placeholder matches example keys from manuals, reduced to letters and digits. Each alternative
// is so long that no random key starts with it in practice.
var placeholder = regexp.MustCompile(`^(your(very|own|super|jwt|secret|random)|change(me|this|it)|replace(me|this|with)|supersecret|mysecret|secretkey|examplekey|placeholder)`)

// isPlaceholder reports whether the key is an example from a manual or a repeated short text.
func isPlaceholder(key string) bool {
	key = strings.ToLower(key)
	return placeholder.MatchString(notAlphanumeric.ReplaceAllString(key, "")) || isRepeated(key)
}

var notAlphanumeric = regexp.MustCompile(`[^a-z0-9]+`)

// isRepeated reports whether text repeats a unit of at most a quarter of its length. The last
// repetition may be cut off.
func isRepeated(text string) bool {
	for size := 1; size <= len(text)/4; size++ {
		if text[size:] == text[:len(text)-size] {
			return true
		}
	}
	return false
}

// passwordHash checks the form of a bcrypt hash, so that a damaged hash is reported at startup and
// not as a wrong password.
func (r *report) passwordHash(name string, hash Secret) {
	r.require(name, !hash.IsZero(), errFieldRequired)
	r.require(name, strings.HasPrefix(hash.Reveal(), "$2"),
		problem{"does not start with $2: a shell or compose file may have replaced its $ (single quotes keep them in a shell, $$ in compose)",
			"value_error.hash"})
	if err := auth.CheckHash(hash.Reveal()); err != nil {
		r.fail(name, problem{err.Error() + "; make one with the command hash-password", "value_error.hash"})
	}
}
