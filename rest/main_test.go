package rest

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"wisphub-graphql/auth/leaktest"
	"wisphub-graphql/wisphub/wisphubtest"
)

// spills watches what all tests here log and are answered.
var spills = leaktest.New(wisphubtest.Key, anasPassword)

// closing closes the connections that the tests leave idle.
type closing struct{ leaktest.Runner }

func (c closing) Run() int {
	defer http.DefaultClient.CloseIdleConnections()
	return c.Runner.Run()
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(closing{spills.Wrap(m)}) }
