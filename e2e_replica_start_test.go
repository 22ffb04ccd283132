package main

import (
	"fmt"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
)

// Test14_10_StartSeesEarlierWrites expects the first answer of a new replica to have a write whose
// replica reaches the store slowly: the list in the store is older.
func Test14_10_StartSeesEarlierWrites(t *testing.T) {
	t.Parallel()
	simulator, environ := newSharedStore(t, map[string]string{"TICKETS_TTL": "1h", "CLIENTS_TTL": "1h"})
	server := cachetest.StartServer(t)
	proxy := cachetest.StartProxy(t, server)
	environ["CACHE_URL"] = proxy.URL()
	first, a := startLoggedIn(t, simulator, environ)
	poll(t, "it is connected to the store", func() bool { return a.store.Up() })
	const document = `{ clients(first: 1) { totalCount nodes { city } } }`
	first.query(document, nil)
	for _, at := range []int{4, 3, 2, 1, 0} {
		first.query(fmt.Sprintf(`mutation { updateClient(input: {serviceId: %d, city: "Bello"}) { client { id } } }`, simulator.IDs()[at]), nil)
	}
	proxy.Delay(400 * time.Millisecond)
	environ["CACHE_URL"] = server.URL()
	second, _ := startLoggedIn(t, simulator, environ)
	if _, body := second.query(document, nil); body != `{"data":{"clients":{"totalCount":700,"nodes":[{"city":"Bello"}]}}}` {
		t.Errorf("the first answer of a later replica = %s, want the city Bello", body)
	}
}
