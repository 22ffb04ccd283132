package cache_test

import (
	"testing"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/cachetest"
)

func TestReplicas(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	var replicas []*cache.Shared
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
		s, err := cache.OpenSharedAt(sharedConfig(server.URL()), 50*time.Millisecond, time.Second, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		replicas = append(replicas, s)
		until(t, "every replica counts those that are there", func() bool { return s.Up() && all(len(replicas))() })
	}

	closed := time.Now()
	replicas[2].Close()
	replicas = replicas[:2]
	until(t, "one less after Close", all(2))
	if took := time.Since(closed); took > 500*time.Millisecond {
		t.Errorf("a replica counted for %v after Close, want only until the next beat", took)
	}
	vanished := time.Now()
	replicas[1].Vanish()
	replicas = replicas[:1]
	until(t, "one less after a silence", all(1))
	if took := time.Since(vanished); took < 900*time.Millisecond {
		t.Errorf("a replica that fell silent counted for %v, want about a second", took)
	}
	server.Kill()
	until(t, "the most of the last minute once the store is lost", all(3))
}

func TestReplicasByDefault(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	a, b := join(t, server), join(t, server)
	until(t, "two replicas", func() bool { return a.Replicas() == 2 && b.Replicas() == 2 })
	b.Close()
	until(t, "one replica", func() bool { return a.Replicas() == 1 })
}
