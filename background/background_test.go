package background_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/background"
)

func TestGroup_CloseWaitsAndRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group background.Group
		done := false
		if !group.Go(func() { time.Sleep(time.Second); done = true }) {
			t.Error("Go = false before Close, want true")
		}
		group.Close()
		if !done {
			t.Error("Close returned before the goroutine ended")
		}
		if group.Go(func() { t.Error("a goroutine ran after Close") }) {
			t.Error("Go = true after Close, want false")
		}
		group.Close()
	})
}

func TestSleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if err := background.Sleep(t.Context(), time.Minute); err != nil || time.Since(began) != time.Minute {
			t.Errorf("Sleep = %v after %v, want nil after a minute", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		if err := background.Sleep(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("Sleep = %v after %v, want the context's error after a second", err, time.Since(began))
		}
		if err := background.Sleep(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Sleep(0) = %v with a context that is over, want its error", err)
		}
	})
}
