package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// TestReplicas_ShareOneBudget expects three processes to use all that reads may take together, and to
// remember the calls when the store is lost. Many users ask, because each leaves room for others.
func TestReplicas_ShareOneBudget(t *testing.T) {
	t.Parallel()
	const minute = 30
	const limit = minute * 9 / 10 // of reads
	var users []string
	for n := range limit {
		users = append(users, fmt.Sprint("user", n))
	}
	f := newFleet(t, map[string]string{
		"UPSTREAM_MINUTE_LIMIT": fmt.Sprint(minute), "CLIENTS_TTL": "1h", "API_USERS_FILE": writeUsersFile(t, users),
	})
	f.loginAll(users)
	f.queryTasks(6) // two per replica
	poll(t, "each replica counts all calls", func() bool {
		for _, replica := range f.replicas {
			if replica.callsInLastMinute() != f.callCount() {
				return false
			}
		}
		return f.callCount() >= 6
	})
	poll(t, "the minute limit is reached", func() bool { // only after the replicas know each other
		f.queryTasks(limit)
		return f.callCount() >= limit
	})
	f.queryTasks(3 * limit)
	if got := f.callCount(); got != limit {
		t.Errorf("%d calls, want the %d that reads may take", got, limit)
	}
	for i, replica := range f.replicas {
		poll(t, fmt.Sprintf("replica %d shows exactly the calls of the minute", i), func() bool { return replica.callsInLastMinute() == limit })
	}
	f.store.Kill()
	f.queryTasks(limit)
	if got := f.callCount(); got != limit {
		t.Errorf("%d calls after the store was lost, want no more than %d", got, limit)
	}
}

// callsInLastMinute returns how many calls the replica counts in the last minute, or -1 when it
// does not answer.
func (p *process) callsInLastMinute() int {
	var data struct {
		Facade struct{ RequestsLastMinute int }
	}
	if !p.tryQuery("{ facade { requestsLastMinute } }", &data) {
		return -1
	}
	return data.Facade.RequestsLastMinute
}

// loginAll gets the tokens for queryTasks.
func (f *fleet) loginAll(users []string) {
	for i, user := range users {
		caller := &site{t: f.t, url: f.replicas[i%len(f.replicas)].url}
		caller.login(user, "a password")
		f.tokens = append(f.tokens, caller.token)
	}
}

// queryTasks queries that many new tasks at once, at all replicas and for all users in turn. Each
// costs one call.
func (f *fleet) queryTasks(count int) {
	var group sync.WaitGroup
	for i := range count {
		group.Go(func() {
			id := fmt.Sprintf("%08x-0000-4000-8000-%012x", time.Now().UnixNano()&0xffffffff, i)
			caller := &site{t: f.t, url: f.replicas[i%len(f.replicas)].url, token: f.tokens[i%len(f.tokens)]}
			caller.tryQuery(`{ task(taskId: "`+id+`") { status } }`, nil)
		})
	}
	group.Wait()
}

// writeUsersFile returns the path of a file with users who may read. Their password is "a password".
func writeUsersFile(t *testing.T, names []string) string {
	t.Helper()
	path, lines := filepath.Join(t.TempDir(), "users"), ""
	for _, name := range names {
		lines += name + ":" + testHash + "\n"
	}
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (f *fleet) callCount() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.calls)
}
