// Package spilltest has the tests of a room fail together when one of them logs or answers a secret.
package spilltest

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
)

// Watch looks for secrets in what it is shown. It is safe for concurrent use.
type Watch struct {
	secrets []string
	spilled atomic.Pointer[string] // the first that was seen
}

// NewWatch returns a watch for these secrets, each at least a word that stands nowhere else.
func NewWatch(secrets ...string) *Watch { return &Watch{secrets: secrets} }

// Look is shown what was logged or answered.
func (w *Watch) Look(text string) {
	for _, secret := range w.secrets {
		if strings.Contains(text, secret) {
			found := fmt.Sprintf("%q is in: %s", secret, text)
			w.spilled.CompareAndSwap(nil, &found)
		}
	}
}

// Write is Look, for what is logged. It never fails.
func (w *Watch) Write(p []byte) (int, error) {
	w.Look(string(p))
	return len(p), nil
}

// Runner is what a [testing.M] does.
type Runner interface{ Run() int }

// Over returns tests that fail when one of them has shown the watch a secret.
func (w *Watch) Over(tests Runner) Runner { return watched{tests, w} }

type watched struct {
	Runner
	watch *Watch
}

func (t watched) Run() int {
	code := t.Runner.Run()
	if found := t.watch.spilled.Load(); found != nil {
		fmt.Fprintln(os.Stderr, "a test spilled a secret:", *found)
		return 1
	}
	return code
}
