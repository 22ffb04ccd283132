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

// spills watches what all tests here log for the store's password.
var spills = leaktest.New("s3cret")

func TestMain(m *testing.M) { goleak.VerifyTestMain(spills.Wrap(m)) }

// journal is a log that tests read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	spills.Check(string(p))
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}
