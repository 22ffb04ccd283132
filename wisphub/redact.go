package wisphub

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// redacted replaces a key in a text.
const redacted = "[key]"

// maxKeys is how many keys are redacted: the current one and some earlier ones.
const maxKeys = 5

// minHidden is the shortest encoded part of a key that is redacted. A shorter one may be any text.
const minHidden = 8

// keyRing holds the current key and earlier ones. The answer to a call with an earlier key may
// still be on its way.
type keyRing struct {
	mu   sync.RWMutex
	keys []redactedKey // the newest first; guarded by mu
}

// redactedKey is a key in the forms in which a text may hold it.
type redactedKey struct {
	key   string
	whole []string // the key, and the key in hexadecimal and in base64, the longest first
	// escaped matches the key with any of its characters written as a JSON escape, a percent code or a
	// character reference, also several times over.
	escaped *regexp.Regexp
}

func newRedactedKey(key string) redactedKey {
	whole := []string{key}
	if code := hex.EncodeToString([]byte(key)); len(code) >= minHidden {
		whole = append(whole, code, strings.ToUpper(code))
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			if part := base64Part(encoding, key, before); len(part) >= minHidden && !slices.Contains(whole, part) {
				whole = append(whole, part)
			}
		}
	}
	slices.SortStableFunc(whole, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var pattern strings.Builder
	for _, char := range []byte(key) {
		fmt.Fprintf(&pattern, `(?:\\*%s|\\+(?:u00|x)(?i:%02x)|%%(?:25)*(?i:%02x)|&(?:amp;)*#0*(?:%d|[xX]0*(?i:%x));?)`,
			regexp.QuoteMeta(string(rune(char))), char, char, char, char)
	}
	return redactedKey{key, whole, regexp.MustCompile(pattern.String())}
}

// base64Part returns the characters that stand for the key alone in a longer text, if as many bytes
// of a group of three come before it.
func base64Part(encoding *base64.Encoding, key string, before int) string {
	code := encoding.EncodeToString(append(make([]byte, before), key...))
	start := []int{0, 2, 3}[before]
	end := (before + len(key)) / 3 * 4
	return code[min(start, end):end]
}

func (r *keyRing) set(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = slices.DeleteFunc(r.keys, func(old redactedKey) bool { return old.key == key })
	r.keys = append([]redactedKey{newRedactedKey(key)}, r.keys...)
	r.keys = r.keys[:min(len(r.keys), maxKeys)]
}

func (r *keyRing) current() string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keys[0].key
}

// redact removes all keys from a text, whether as they are or encoded.
func (r *keyRing) redact(text string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for i := range r.keys {
		key := &r.keys[i]
		if len(text) < min(len(key.key), minHidden) {
			continue
		}
		for _, form := range key.whole {
			text = strings.ReplaceAll(text, form, redacted)
		}
		if strings.ContainsAny(text, `\%&`) {
			text = key.escaped.ReplaceAllLiteralString(text, redacted)
		}
	}
	return text
}

// SetKey replaces the key for all calls that begin from now on. It must not be empty, and must
// belong to the same provider: caches above hold that provider's data. [Config.OnCompany] checks
// that before the first call. Routes that were refused to the earlier key are tried again at once,
// and a pause that WispHub asked for ends.
func (a *API) SetKey(key string) {
	a.replaceKey(key)
	// Only after the key: a call that finds the new refusals must be sent with the new key.
	a.refusals.Store(newRefusals())
	a.pauses.clear()
	a.limiter.Resume()
}
