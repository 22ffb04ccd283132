package rest

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"wisphub-graphql/auth/leaktest"
	"wisphub-graphql/wisphub/wisphubtest"
)

// leaks checks that no log or answer in the tests contains a secret.
var leaks = leaktest.New(wisphubtest.Key, testPassword)

// closingRunner closes the idle connections that the tests leave.
type closingRunner struct{ leaktest.Runner }

func (c closingRunner) Run() int {
	defer http.DefaultClient.CloseIdleConnections()
	return c.Runner.Run()
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(closingRunner{leaks.Wrap(m)}) }
