// Package launchtest builds the facade for the tests of the programs in bench.
package launchtest

import (
	"context"
	"os"
	"testing"

	"go.uber.org/goleak"

	"wisphub-graphql/bench/launch"
)

// Main builds the facade, stores its path, and runs the tests of a package. It is for TestMain. It
// exits with status 1 when goroutines are left.
func Main(m *testing.M, path *string) {
	dir, err := os.MkdirTemp("", "bench-test-")
	if err != nil {
		panic(err)
	}
	if *path, err = launch.Build(context.Background(), dir); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(status int) {
		_ = os.RemoveAll(dir)
		os.Exit(status)
	}))
}
