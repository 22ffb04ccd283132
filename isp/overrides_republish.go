package isp

import (
	"context"
	"crypto/rand"
	"slices"
	"time"
)

const (
	// maxRepublished limits what one replica sends to another that has just started.
	maxRepublished = 200
	// maxRequests limits the requests that wait for an answer.
	maxRequests = 64
	// catchUpTimeout is how long a replica that starts waits for the others. One that was killed
	// never answers.
	catchUpTimeout = 1500 * time.Millisecond
)

func (o *overrides[T]) requestTopic() string { return o.topic + "?" }

// answerTopic has the id of a request when all that it asked for was published.
func (o *overrides[T]) answerTopic() string { return o.topic + "!" }

// request asks the other replicas for their overrides. An id asks for an answer, too. If the store
// is lost meanwhile, the next connection requests them again.
func (o *overrides[T]) request(ctx context.Context, id string) {
	_ = o.shared.Publish(ctx, o.requestTopic(), id)
}

// catchUp requests the overrides of the other replicas and waits until all have answered, or until
// ctx ends. A replica that starts would otherwise show the lists in the store without them.
func (o *overrides[T]) catchUp(ctx context.Context) {
	if o.shared == nil {
		return
	}
	id, others := rand.Text(), o.shared.Replicas()-1
	answers := make(chan struct{}, max(others, 0))
	defer o.shared.Subscribe(o.answerTopic(), func(answered string) {
		if answered != id {
			return
		}
		select {
		case answers <- struct{}{}:
		default: // of a replica that has just started
		}
	})()
	o.request(ctx, id)
	for range others {
		select {
		case <-answers:
		case <-ctx.Done():
			return
		}
	}
}

// republish sends the overrides of this replica again, in the background, and then an answer to the
// request, if it has an id. Requests that come meanwhile share the next answer.
func (o *overrides[T]) republish(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.requests) < maxRequests {
		o.requests = append(o.requests, id)
	}
	if !o.republishing {
		o.republishing = o.running.Go(o.answerRequests)
	}
}

func (o *overrides[T]) answerRequests() {
	for {
		o.mu.Lock()
		ours, requests := o.ours(), o.requests
		o.requests, o.republishing = nil, len(requests) > 0
		o.mu.Unlock()
		if len(requests) == 0 {
			return
		}
		o.answer(ours, requests)
	}
}

// answer publishes in one step, because a slow store takes as long for each step. If the store is
// lost, the next connection does it again.
func (o *overrides[T]) answer(ours []override[T], requests []string) {
	batch := o.shared.NewBatch()
	for _, known := range ours {
		if message, err := o.encode([]T{known.record}, known.at); err == nil {
			batch.Publish(o.topic, string(message))
		}
	}
	for _, id := range requests {
		if id != "" {
			batch.Publish(o.answerTopic(), id)
		}
	}
	if batch.Len() > 0 {
		_ = batch.Send(context.Background())
	}
}

// ours returns the newest overrides of this replica, the oldest first. The caller must hold mu.
func (o *overrides[T]) ours() []override[T] {
	var ours []override[T]
	for _, known := range o.records {
		if known.ours {
			ours = append(ours, known)
		}
	}
	slices.SortFunc(ours, func(a, b override[T]) int { return a.at.Compare(b.at) })
	return ours[max(0, len(ours)-maxRepublished):]
}
