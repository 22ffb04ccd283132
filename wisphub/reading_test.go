package wisphub

import (
	"context"
	"errors"
	"sync"
	"testing"
)

// The pages that are under way when a reading becomes too large all fail. Each has an error of its own,
// because a call changes the text of its error.
func Test15_3_PagesUnderWayFail(t *testing.T) {
	t.Parallel()
	api := open(t, Config{Host: serve(t, reply(200, jsonType, `{"count": 1, "results": [{"id_servicio": 1, "nombre": "Ana"}]}`))})
	ctx := context.WithValue(inBackground(t), readingKey{}, newReading(1))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := api.Clients.List(ctx, ClientListOptions{}); !isTooLarge(err) || !errors.Is(err, ErrInvalidResponse) {
				t.Errorf("List = %v, want %v", err, errReadingTooLarge)
			}
		})
	}
	group.Wait()
}
