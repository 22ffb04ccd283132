package graph_test

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"wisphub-graphql/wisphub/wisphubtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(watchedTests{m}) }

// secrets are those of all tests here. No log and no answer may hold one, in whatever test.
var secrets = []string{wisphubtest.Key, string(secret), password, ana.PasswordHash, ben.PasswordHash}

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
