package shared_test

import (
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

func TestReplicas_CountFollowsMembers(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	var replicas []*shared.Store
	all := func(want int) func() bool {
		return func() bool {
			for _, s := range replicas {
				if s.Replicas() != want {
					return false
				}
			}
			return true
		}
	}
	for range 3 {
		s := cachetest.Open(t, withTimes(server.Config(), 50*time.Millisecond, time.Second, time.Minute))
		replicas = append(replicas, s)
		cachetest.Until(t, "every replica counts all replicas", func() bool { return s.Up() && all(len(replicas))() })
	}

	closed := time.Now()
	replicas[2].Close()
	replicas = replicas[:2]
	cachetest.Until(t, "one replica fewer after Close", all(2))
	if took := time.Since(closed); took > 500*time.Millisecond {
		t.Errorf("a closed replica counted for %v, want at most a heartbeat", took)
	}
	vanished := time.Now()
	replicas[1].Vanish()
	replicas = replicas[:1]
	cachetest.Until(t, "one replica fewer after a crash", all(1))
	if took := time.Since(vanished); took < 900*time.Millisecond {
		t.Errorf("a crashed replica counted for %v, want about a second", took)
	}
	server.Kill()
	cachetest.Until(t, "the highest count of the last minute once the store is lost", all(3))
}

func TestReplicas_DefaultTimes(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := cachetest.Join(t, server.Config()), cachetest.Join(t, server.Config())
	cachetest.Until(t, "two replicas", func() bool { return a.Replicas() == 2 && b.Replicas() == 2 })
	b.Close()
	cachetest.Until(t, "one replica", func() bool { return a.Replicas() == 1 })
}
