package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"wisphub-graphql/wisphub/wisphubtest"
)

const (
	testSigningKey = "0123456789abcdefghijklmnopqrstuvwxyz"
	testPassword   = "a password"
)

// secrets are those of all tests here. No log and no answer may hold one, in whatever test. What a caller sends is not among
// them: a mistake in a document is told in the document's words.
var secrets = append([]string{wisphubtest.Key, testSigningKey, testPassword},
	slices.DeleteFunc(slices.Clone(canaries), func(canary string) bool { return canary == canarySent })...)

var spilled atomic.Pointer[string]

// look is shown what was logged or answered, and remembers where it first sees a secret.
func look(text string) {
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			found := fmt.Sprintf("%q is in: %s", secret, text)
			spilled.CompareAndSwap(nil, &found)
		}
	}
}

// watchedTests are all tests, which fail together when one of them spills a secret.
type watchedTests struct{ *testing.M }

func (w watchedTests) Run() int {
	code := w.M.Run()
	if found := spilled.Load(); found != nil {
		fmt.Fprintln(os.Stderr, "a test spilled a secret:", *found)
		return 1
	}
	return code
}
