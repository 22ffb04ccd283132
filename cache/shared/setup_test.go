package shared_test

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wisphub-graphql/auth/leaktest"
	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

const key = "basic"

func configOf(url string) shared.Config {
	return shared.Config{URL: url, Namespace: cachetest.Namespace, Logger: slog.New(slog.DiscardHandler)}
}

// withTimes returns cfg with shorter times.
func withTimes(cfg shared.Config, heartbeat, absentAfter, leaseTTL time.Duration) shared.Config {
	cfg.Heartbeat, cfg.AbsentAfter, cfg.LeaseTTL, cfg.LockTTL = heartbeat, absentAfter, leaseTTL, leaseTTL
	return cfg
}

// leaks fails the tests of this package if a log contains the password.
var leaks = leaktest.New("s3cret")

func TestMain(m *testing.M) { goleak.VerifyTestMain(leaks.Wrap(m)) }

// logBuffer is a log that a test reads while the store writes it.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	leaks.Check(string(p))
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
