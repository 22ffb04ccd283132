package graph_test

import (
	"testing"

	"go.uber.org/goleak"

	"wisphub-graphql/auth/leaktest"
	"wisphub-graphql/wisphub/wisphubtest"
)

// spills watches for the secrets of all tests here. No log and no answer may hold one, in whatever test.
var spills = leaktest.New(wisphubtest.Key, string(secret), password, ana.PasswordHash, ben.PasswordHash)

func TestMain(m *testing.M) { goleak.VerifyTestMain(spills.Wrap(m)) }
