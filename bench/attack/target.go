package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/bcrypt"

	"wisphub-graphql/background"
	"wisphub-graphql/bench/launch"
	"wisphub-graphql/wisphub/wisphubtest"
)

const (
	readerUser   = "reader"
	newcomerUser = "newcomer"
	supportUser  = "support"
	adminUser    = "admin"
	attackerUser = "mallory" // and mallory1 to mallory3
	password     = "a-password-of-bench-attack"

	// finishedTask is a task that subscriptions are answered about without an upstream call.
	finishedTask = "00000000-0000-4000-8000-000000000015"
)

// scopes are those of each user.
var scopes = map[string]string{
	readerUser: "read", newcomerUser: "read", supportUser: "read,support", adminUser: "admin",
	attackerUser: "read", attackerUser + "1": "read", attackerUser + "2": "read", attackerUser + "3": "read",
}

// target is a facade with its provider and its users.
type target struct {
	upstream *launch.Upstream
	process  *launch.Process
	host     string            // host:port
	tokens   map[string]string // by user
	largest  string            // the query with the largest answer that the facade gives
	lookups  atomic.Int64      // number of clients that legitimate callers have looked up
}

// startTarget starts a facade in a new folder of dir. The caller must call stop.
func startTarget(ctx context.Context, o options, dir string) (*target, error) {
	dir, err := os.MkdirTemp(dir, "facade-")
	if err != nil {
		return nil, err
	}
	t := &target{tokens: map[string]string{}}
	t.upstream, err = launch.StartUpstream(wisphubtest.Config{
		Clients: o.clients, Seed: 1, Faults: wisphubtest.Faults{Latency: 50 * time.Millisecond},
	})
	if err != nil {
		return nil, err
	}
	t.upstream.Simulator.PutTask(finishedTask, wisphubtest.TaskScript{States: []string{wisphubtest.TaskSuccess}})
	if err := t.start(ctx, o, dir); err != nil {
		t.stop()
		return nil, err
	}
	return t, nil
}

func (t *target) start(ctx context.Context, o options, dir string) (err error) {
	users, cache := filepath.Join(dir, "users"), filepath.Join(dir, "cache")
	if err := os.Mkdir(cache, 0o700); err != nil {
		return err
	}
	if err := writeUsers(users); err != nil {
		return err
	}
	env := append(t.upstream.Env(), "API_USERS_FILE="+users, "CACHE_DIR="+cache)
	if t.process, err = launch.Start(launch.Config{Binary: o.binary, Dir: dir, Env: env, Warnings: o.warnings}); err != nil {
		return err
	}
	t.host = strings.TrimPrefix(t.process.Address, "http://")
	client := newClient(callerAddress)
	defer client.CloseIdleConnections()
	for user := range scopes {
		if t.tokens[user], _, err = launch.Login(client, t.process.Address, user, password); err != nil {
			return fmt.Errorf("log in as %s: %w", user, err)
		}
	}
	return t.warmUp(ctx)
}

// writeUsers writes the users file. The cheapest hashes do: the attacks are not on them.
func writeUsers(path string) error {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		return err
	}
	var lines strings.Builder
	for user, scope := range scopes {
		fmt.Fprintf(&lines, "%s:%s:%s\n", user, hash, scope)
	}
	return os.WriteFile(path, []byte(lines.String()), 0o600)
}

// warmUp waits until what the callers ask for is in memory, and finds the largest query.
func (t *target) warmUp(ctx context.Context) error {
	client := newClient(callerAddress)
	defer client.CloseIdleConnections()
	for _, document := range []string{
		listDocument, "{ tickets(first: 1) { totalCount } plans { name } zones { name } }",
		fmt.Sprintf("{ task(taskId: %q) { status } }", finishedTask),
	} {
		if err := t.query(ctx, client, readerUser, document); err != nil {
			return fmt.Errorf("warm up: %w", err)
		}
	}
	for _, size := range []struct{ lists, rows int }{{10, 2000}, {5, 2000}, {2, 2000}, {1, 2000}, {1, 1500}, {1, 1000}, {1, 500}} {
		t.largest = greedyQuery(size.lists, size.rows)
		if err := t.query(ctx, client, readerUser, t.largest); err == nil {
			return background.Sleep(ctx, time.Second) // the facade frees its memory
		}
	}
	return fmt.Errorf("warm up: the facade refuses a list of 500 rows")
}

// nextID returns a client that no legitimate caller has asked for yet, as long as there are some.
func (t *target) nextID() int {
	return t.upstream.ServiceIDs[int(t.lookups.Add(1))%len(t.upstream.ServiceIDs)]
}

func (t *target) stop() {
	if t.process != nil {
		_ = t.process.Kill() // what matters has been measured
	}
	t.upstream.Close()
}
