package auth

import (
	"os"
	"testing"

	"wisphub-graphql/auth/leaktest"
)

// leaks checks the audit lines of all tests in this package.
var leaks = leaktest.New(anasPassword, string(testSecret), string(foreignSecret))

func TestMain(m *testing.M) { os.Exit(leaks.Wrap(m).Run()) }
