package graph_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// askTogether asks one question by several callers at the same time.
func (q *sequence) askTogether(document string) {
	body, token, answers := operation(q.t, document, nil), q.tokenFor(q.t, ben), make([]string, 5)
	q.send(false, token, body, 0) // loads the data
	synctest.Wait()
	before := q.provider.DataVersion()
	var running sync.WaitGroup
	for i := range answers {
		running.Go(func() {
			time.Sleep(time.Duration(i*i) * time.Millisecond)
			answers[i] = q.send(true, token, body, 2*(i%2))
		})
	}
	running.Wait()
	plain := q.send(false, token, body, 0)
	if q.provider.DataVersion() != before {
		return
	}
	for _, shared := range answers {
		q.compare(document, shared, plain)
	}
}

// askDuringWrite asks for a city while it is changed. Each caller sees one of the two cities, and after
// the write the new one.
func (q *sequence) askDuringWrite(n int) {
	q.changes++
	city := fmt.Sprintf("New City %d", q.changes)
	body := operation(q.t, fmt.Sprintf(`{client(by:{serviceId:%d}){city}}`, q.serviceID(n)), nil)
	token := q.tokenFor(q.t, ana)
	old := q.send(false, token, body, 0)
	if !strings.Contains(old, `"data":{"client":{"city"`) {
		return // WispHub is down
	}
	q.upstream.SetFaults(wisphubtest.Faults{Latency: time.Duration(n%7) * 5 * time.Millisecond})
	defer q.upstream.SetFaults(wisphubtest.Faults{})
	var done atomic.Bool
	var running sync.WaitGroup
	running.Go(func() {
		time.Sleep(5 * time.Millisecond)
		written := q.send(true, token, operation(q.t, q.updateCity(n, city), nil), 0)
		done.Store(strings.Contains(written, fmt.Sprintf(`{"client":{"city":%q}}`, city)))
	})
	for i := range 6 {
		running.Go(func() {
			time.Sleep(time.Duration(i) * 8 * time.Millisecond)
			for range 5 {
				written := done.Load()
				got := q.send(true, token, body, 0)
				if isNew := strings.Contains(got, strconv.Quote(city)); !isNew && (written || got != old) {
					q.t.Errorf("%s, after the write: %t = %s, want the city %q, or before the write %s", body, written, got, city, old)
				}
				time.Sleep(time.Duration(i) * time.Millisecond)
			}
		})
	}
	running.Wait()
}
