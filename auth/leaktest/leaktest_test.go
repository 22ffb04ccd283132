package leaktest_test

import (
	"io"
	"testing"

	"wisphub-graphql/auth/leaktest"
)

type passing struct{}

func (passing) Run() int { return 0 }

func TestDetector(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"nothing": 0, "the password is open-sesame": 1, "open": 0,
	} {
		detector := leaktest.New("open-sesame", "canary")
		if _, err := io.WriteString(detector, text); err != nil {
			t.Error(err)
		}
		if got := detector.Wrap(passing{}).Run(); got != want {
			t.Errorf("Run() after a test logged %q = %d, want %d", text, got, want)
		}
	}
}
