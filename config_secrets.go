package main

import (
	"regexp"
	"strings"

	"wisphub-graphql/auth"
)

const minSigningKeyBytes = 32 // RFC 7518, 3.2: a key at least as long as HS256's output

// upstreamKey returns the key without surrounding whitespace, which a copy from WispHub's page often has.
func (r *settingsReport) upstreamKey(name string, key Secret) Secret {
	trimmed := strings.TrimSpace(key.Reveal())
	if trimmed != key.Reveal() {
		r.warn(name, "surrounding whitespace was removed")
	}
	r.require(name, trimmed != "", errFieldRequired)
	// It goes into a header, after "Api-Key ".
	r.require(name, !strings.ContainsFunc(trimmed, func(c rune) bool { return c <= ' ' || c > '~' }),
		problem{"must be printable ASCII without spaces: the key alone, without Api-Key", "value_error.key"})
	return newSecret(trimmed)
}

// signingKey refuses keys that can be guessed: whoever knows it can be anybody.
func (r *settingsReport) signingKey(name string, key Secret) {
	r.require(name, !key.IsZero(), errFieldRequired)
	r.require(name, !isPlaceholder(key.Reveal()),
		problem{"is a placeholder; make a key with: openssl rand -base64 48", "value_error.placeholder"})
	r.require(name, len(key.Reveal()) >= minSigningKeyBytes,
		problem{"must be at least 32 bytes; make a key with: openssl rand -base64 48", "value_error.length"})
}

// placeholder matches how manuals write a key to be replaced, in letters and digits only. Each alternative is long enough
// that no random key starts with it in practice.
var placeholder = regexp.MustCompile(`^(your(very|own|super|jwt|secret|random)|change(me|this|it)|replace(me|this|with)|supersecret|mysecret|secretkey|examplekey|placeholder)`)

// isPlaceholder reports whether the key is one of a manual, or one short text over and over.
func isPlaceholder(key string) bool {
	key = strings.ToLower(key)
	return placeholder.MatchString(notAlphanumeric.ReplaceAllString(key, "")) || isRepeated(key)
}

var notAlphanumeric = regexp.MustCompile(`[^a-z0-9]+`)

// isRepeated reports whether text is a unit of at most a quarter of its length over and over, the last time perhaps cut off.
func isRepeated(text string) bool {
	for size := 1; size <= len(text)/4; size++ {
		if text[size:] == text[:len(text)-size] {
			return true
		}
	}
	return false
}

// passwordHash checks the shape of a bcrypt hash, so that a mangled one does not show as a wrong password at the first login.
func (r *settingsReport) passwordHash(name string, hash Secret) {
	r.require(name, !hash.IsZero(), errFieldRequired)
	r.require(name, strings.HasPrefix(hash.Reveal(), "$2"),
		problem{"does not start with $2: a shell or compose file may have replaced its $ (single quotes keep them in a shell, $$ in compose)",
			"value_error.hash"})
	if err := auth.CheckHash(hash.Reveal()); err != nil {
		r.fail(name, problem{err.Error() + "; make one with the command hash-password", "value_error.hash"})
	}
}
