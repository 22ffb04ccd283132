package shared_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

// recorder records the messages it receives.
type recorder struct {
	mu    sync.Mutex
	texts []string
}

func (r *recorder) add(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.texts = append(r.texts, text)
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.texts)
}

// wantMessages waits until r has as many messages as want, and compares them.
func wantMessages(t *testing.T, r *recorder, want ...string) {
	t.Helper()
	cachetest.Until(t, "all messages have arrived", func() bool { return len(r.all()) >= len(want) })
	if got := r.all(); !slices.Equal(got, want) {
		t.Errorf("messages = %q, want %q", got, want)
	}
}

func TestPublish_ReachesOtherReplicas(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"", "?protocol=2"} {
		server := cachetest.StartServer(t)
		a := cachetest.Open(t, configOf(server.URL()+protocol))
		b := cachetest.Open(t, configOf(server.URL()+protocol))
		cachetest.Until(t, "both are up", func() bool { return a.Up() && b.Up() })

		var own, values, topic recorder
		a.Subscribe(shared.TopicValues, own.add)
		a.Subscribe("topic", own.add)
		b.Subscribe(shared.TopicValues, values.add)
		stop := b.Subscribe("topic", topic.add)
		a.Subscribe("done", own.add)

		ctx := t.Context()
		for _, err := range []error{
			a.Set(ctx, "short", []byte("1"), time.Minute),
			a.Publish(ctx, "topic", "two\nlines"),
			a.Publish(ctx, "other topic", "no subscriber"),
			a.Set(ctx, "long", make([]byte, 1<<20), time.Minute),
			a.Delete(ctx, "short"),
			b.Publish(ctx, "done", "by b"),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		wantMessages(t, &values, "short", "long", "short")
		wantMessages(t, &topic, "two\nlines")
		wantMessages(t, &own, "by b") // none of its own messages came before

		stop()
		if err := a.Publish(ctx, "topic", "after stop"); err != nil {
			t.Fatal(err)
		}
		if err := a.Delete(ctx, "last"); err != nil {
			t.Fatal(err)
		}
		wantMessages(t, &values, "short", "long", "short", "last")
		wantMessages(t, &topic, "two\nlines")
	}
}

func TestPublish_RejectsLineBreakInTopic(t *testing.T) {
	t.Parallel()
	s := cachetest.Join(t, cachetest.StartServer(t).Config())
	if err := s.Publish(t.Context(), "two\nlines", ""); err == nil {
		t.Error("Publish = nil for a topic of two lines, want an error")
	}
}
