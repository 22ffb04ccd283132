package graph_test

import (
	"testing"

	"go.uber.org/goleak"

	"wisphub-graphql/auth/leaktest"
	"wisphub-graphql/wisphub/wisphubtest"
)

// leaks finds secrets in the logs and responses of all tests of this package.
var leaks = leaktest.New(wisphubtest.Key, string(secret), password, ana.PasswordHash, ben.PasswordHash)

func TestMain(m *testing.M) { goleak.VerifyTestMain(leaks.Wrap(m)) }
