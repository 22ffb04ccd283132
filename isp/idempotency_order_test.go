package isp

import (
	"strconv"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
)

// Test14_6_NewestKeyIsStoredAgainFirst expects the key of a write that is under way to be in a store
// that was emptied before locks can be had, however many keys there are: no other replica has it.
func Test14_6_NewestKeyIsStoredAgainFirst(t *testing.T) {
	t.Parallel()
	server := cachetest.StartServer(t)
	proxy := cachetest.StartProxy(t, server)
	cfg := server.Config()
	cfg.URL, cfg.Regroup, cfg.Heartbeat = proxy.URL(), time.Second, 50*time.Millisecond
	a := openIdempotency(t, cachetest.Join(t, cfg))
	store := cachetest.Join(t, server.Config())
	breakOff(t, a, "earlier")
	for i := range maxIdempotencyRecords - 2 {
		a.records.Set(recordName(testAction, "", strconv.Itoa(i)), newIdempotencyRecord(momentOf(time.Now()), &writeResult{ticketID: i + 1}))
	}
	breakOff(t, a, "under way")
	proxy.Delay(300 * time.Millisecond)
	if _, err := server.Do("FLUSHALL"); err != nil {
		t.Fatal(err)
	}
	stored := map[string]time.Duration{}
	for began := time.Now(); len(stored) < 2; time.Sleep(5 * time.Millisecond) {
		for _, key := range []string{"under way", "0"} {
			if _, err := store.Get(t.Context(), recordName(testAction, "", key)); err == nil && stored[key] == 0 {
				stored[key] = time.Since(began)
			}
		}
	}
	if stored["under way"] >= stored["0"] {
		t.Errorf("the key of the last write is stored after %v, and the first after %v; want it before", stored["under way"], stored["0"])
	}
}
