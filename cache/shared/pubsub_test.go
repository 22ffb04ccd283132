package shared_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/cache/cachetest"
	"wisphub-graphql/cache/shared"
)

// ear keeps what it heard.
type ear struct {
	mu    sync.Mutex
	texts []string
}

func (e *ear) hear(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.texts = append(e.texts, text)
}

func (e *ear) heard() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.texts)
}

// wantHeard waits until e has heard as much as want, and fails the test unless it is that.
func wantHeard(t *testing.T, e *ear, want ...string) {
	t.Helper()
	cachetest.Until(t, "everything is heard", func() bool { return len(e.heard()) >= len(want) })
	if got := e.heard(); !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
}

func TestSharedTellsTheOthers(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"", "?protocol=2"} {
		server := cachetest.StartServer(t)
		a := cachetest.Open(t, configOf(server.URL()+protocol))
		b := cachetest.Open(t, configOf(server.URL()+protocol))
		cachetest.Until(t, "both are up", func() bool { return a.Up() && b.Up() })

		var own, values, news ear
		a.Subscribe(shared.TopicValues, own.hear)
		a.Subscribe("news", own.hear)
		b.Subscribe(shared.TopicValues, values.hear)
		stop := b.Subscribe("news", news.hear)
		a.Subscribe("done", own.hear)

		ctx := t.Context()
		for _, err := range []error{
			a.Set(ctx, "short", []byte("1"), time.Minute),
			a.Publish(ctx, "news", "two\nlines"),
			a.Publish(ctx, "other news", "not watched"),
			a.Set(ctx, "long", make([]byte, 1<<20), time.Minute),
			a.Delete(ctx, "short"),
			b.Publish(ctx, "done", "by the other"),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		wantHeard(t, &values, "short", "long", "short")
		wantHeard(t, &news, "two\nlines")
		wantHeard(t, &own, "by the other") // said last, and nothing of its own before

		stop()
		if err := a.Publish(ctx, "news", "after stop"); err != nil {
			t.Fatal(err)
		}
		if err := a.Delete(ctx, "last"); err != nil {
			t.Fatal(err)
		}
		wantHeard(t, &values, "short", "long", "short", "last")
		wantHeard(t, &news, "two\nlines")
	}
}

func TestSharedTopicHasNoLineBreak(t *testing.T) {
	t.Parallel()
	s := cachetest.Join(t, cachetest.StartServer(t).Config())
	if err := s.Publish(t.Context(), "two\nlines", ""); err == nil {
		t.Error("Tell on a topic of two lines = nil, want an error")
	}
}
