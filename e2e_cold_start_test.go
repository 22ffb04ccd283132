package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// 150 users ask for 150 different clients within the first second of a server that holds nothing.
// Half of them use REST. The users come in real time, because their requests cross a network.
func Test14_1_150UsersOverHTTP(t *testing.T) {
	t.Parallel()
	simulator := wisphubtest.New(wisphubtest.Config{
		Clients: 2000, Faults: wisphubtest.Faults{Latency: 150 * time.Millisecond},
	})
	t.Cleanup(simulator.Close)
	s, _ := startApp(t, simulator, map[string]string{"API_PASSWORD_HASH": testHash})
	s.login("ana", "a password")
	var users sync.WaitGroup
	for i, id := range simulator.IDs()[1000:1150] {
		users.Go(func() {
			want := fmt.Sprintf(`"serviceId":%d`, id)
			status, body := 0, ""
			if i%2 == 0 {
				status, body = s.query(fmt.Sprintf("{ client(by: {serviceId: %d}) { serviceId name } }", id), nil)
			} else {
				want = fmt.Sprintf(`"service_id":%d`, id)
				status, _, body = s.do(http.MethodGet, fmt.Sprintf("/api/v1/clients/by-service-id/%d", id), "", nil)
			}
			if status != http.StatusOK || !strings.Contains(body, want) {
				t.Errorf("client %d = %d %s, want the client", id, status, body)
			}
		})
		time.Sleep(time.Second / 150)
	}
	users.Wait()
	if calls := simulator.Total(); calls > 25 {
		t.Errorf("150 users cost %d calls, want 25 at most", calls)
	} else {
		t.Logf("150 users cost %d calls", calls)
	}
}
