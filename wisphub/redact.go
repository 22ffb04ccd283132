package wisphub

import (
	"slices"
	"strings"
	"sync"
)

// redacted replaces a key in a text.
const redacted = "[key]"

// maxKeys is how many keys are redacted: the current one and some earlier ones.
const maxKeys = 5

// keyRing holds the current key and earlier ones. The answer to a call with an earlier key may
// still be on its way.
type keyRing struct {
	mu   sync.RWMutex
	keys []string // the newest first; guarded by mu
}

func (r *keyRing) set(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = slices.DeleteFunc(r.keys, func(old string) bool { return old == key })
	r.keys = append([]string{key}, r.keys...)
	r.keys = r.keys[:min(len(r.keys), maxKeys)]
}

func (r *keyRing) current() string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keys[0]
}

// redact removes all keys from a text.
func (r *keyRing) redact(text string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, key := range r.keys {
		text = strings.ReplaceAll(text, key, redacted)
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
