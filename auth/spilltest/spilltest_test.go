package spilltest_test

import (
	"io"
	"testing"

	"wisphub-graphql/auth/spilltest"
)

type passing struct{}

func (passing) Run() int { return 0 }

func TestWatch(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"nothing": 0, "the word is open-sesame": 1, "open": 0} {
		watch := spilltest.NewWatch("open-sesame", "canary")
		if _, err := io.WriteString(watch, text); err != nil {
			t.Error(err)
		}
		if got := watch.Over(passing{}).Run(); got != want {
			t.Errorf("tests that logged %q ended with %d, want %d", text, got, want)
		}
	}
}
