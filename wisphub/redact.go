package wisphub

import (
	"slices"
	"strings"
	"sync"
)

// redacted stands where somebody repeated a key.
const redacted = "[key]"

// maxKeys is how many keys are struck out of what others repeat: that which is used, and some before it.
const maxKeys = 5

// keys are the key that calls go with, and those of before: an answer to a call with an old one may still be on its way.
type keyRing struct {
	mu  sync.RWMutex
	all []string // the newest first; guarded by mu
}

func (k *keyRing) set(key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = slices.DeleteFunc(k.all, func(old string) bool { return old == key })
	k.all = append([]string{key}, k.all...)
	k.all = k.all[:min(len(k.all), maxKeys)]
}

func (k *keyRing) current() string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.all[0]
}

// strike takes all keys out of a text.
func (k *keyRing) redact(text string) string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for _, key := range k.all {
		text = strings.ReplaceAll(text, key, redacted)
	}
	return text
}

// SetKey has all calls that begin from now on go with another key, which must not be empty. The tenant must be the same: what
// is cached above belongs to it.
func (a *API) SetKey(key string) { a.keys.set(key) }
