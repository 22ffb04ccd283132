// Package leaktest fails the tests of a package when one of them logs or answers a secret.
package leaktest

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
)

// Detector searches text for secrets. It is safe for concurrent use.
type Detector struct {
	secrets []string
	leaked  atomic.Pointer[string] // describes the first leak
}

// New returns a detector for the secrets. Each must be a text that occurs nowhere else.
func New(secrets ...string) *Detector { return &Detector{secrets: secrets} }

// Check searches a logged or answered text. Tests report what it finds at their end, see
// [Detector.Wrap].
func (d *Detector) Check(text string) {
	for _, secret := range d.secrets {
		if strings.Contains(text, secret) {
			found := fmt.Sprintf("%q is in: %s", secret, text)
			d.leaked.CompareAndSwap(nil, &found)
		}
	}
}

// Write calls Check, so that a Detector can be the output of a logger. It never fails.
func (d *Detector) Write(p []byte) (int, error) {
	d.Check(string(p))
	return len(p), nil
}

// Runner is the part of [testing.M] that Wrap needs.
type Runner interface{ Run() int }

// Wrap returns a Runner that runs tests and fails if the detector has found a secret.
func (d *Detector) Wrap(tests Runner) Runner { return checkedRunner{tests, d} }

type checkedRunner struct {
	Runner
	detector *Detector
}

func (r checkedRunner) Run() int {
	code := r.Runner.Run()
	if found := r.detector.leaked.Load(); found != nil {
		fmt.Fprintln(os.Stderr, "a test leaked a secret:", *found)
		return 1
	}
	return code
}
