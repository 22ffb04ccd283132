package wisphub

import (
	"slices"
	"strings"
	"sync"
)

// struckOut stands where somebody repeated a key.
const struckOut = "[key]"

// keptKeys is how many keys are struck out of what others repeat: that which is used, and some before it.
const keptKeys = 5

// keys are the key that calls go with, and those of before: an answer to a call with an old one may still be on its way.
type keys struct {
	mu  sync.RWMutex
	all []string // the newest first; guarded by mu
}

func (k *keys) set(key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = slices.DeleteFunc(k.all, func(old string) bool { return old == key })
	k.all = append([]string{key}, k.all...)
	k.all = k.all[:min(len(k.all), keptKeys)]
}

func (k *keys) current() string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.all[0]
}

// strike takes all keys out of a text.
func (k *keys) strike(text string) string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for _, key := range k.all {
		text = strings.ReplaceAll(text, key, struckOut)
	}
	return text
}

// SetKey has all calls that begin from now on go with another key, which must not be empty. The tenant must be the same: what
// is cached above belongs to it.
func (a *API) SetKey(key string) { a.keys.set(key) }
