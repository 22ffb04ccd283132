package auth

import (
	"os"
	"testing"

	"wisphub-graphql/auth/spilltest"
)

// spills watches what all tests here write to the audit.
var spills = spilltest.NewWatch(anasPassword, string(testSecret), string(foreignSecret))

func TestMain(m *testing.M) { os.Exit(spills.Over(m).Run()) }
