package transport

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// acceptedDocument is a subscription that ends at once.
const acceptedDocument = "subscription{a}"

func (refusingExecutor) DispatchOperation(ctx context.Context, _ *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	return func(context.Context) *graphql.Response { return nil }, ctx
}

// Test15_4_AcceptedBetweenRefused expects that a caller cannot avoid the pause with an accepted
// document now and then.
func Test15_4_AcceptedBetweenRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := openPipe(t, newPipeSet(t))
		_, _ = p.Write(textFrame(initMessage))
		<-p.answers
		const rounds, free, pause = 5, 5, 200 * time.Millisecond
		var paused time.Duration
		send := func(query string) {
			began := time.Now()
			_, _ = p.Write(textFrame(fmt.Sprintf(`{"id":"a","type":"subscribe","payload":{"query":"%s"}}`, query)))
			paused += time.Since(began) // of the document before
			<-p.answers
			synctest.Wait()
		}
		for range rounds {
			for range free {
				send("{")
			}
			send(acceptedDocument)
		}
		if want := (rounds*free - free - 1) * pause; paused < want {
			t.Errorf("%d refusals with a success after each %d paused for %v, want %v", rounds*free, free, paused, want)
		}
	})
}
