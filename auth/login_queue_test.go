package auth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slowService runs one login at a time, queues one more, and takes a minute to compare a password.
func slowService(t *testing.T) *Service {
	t.Helper()
	service := newService(t)
	service.queue = newLoginQueue(1, 0, 1)
	service.compare = func(_, _ []byte) error {
		time.Sleep(time.Minute)
		return nil
	}
	return service
}

func TestLoginQueue_RejectsWhenFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := slowService(t)
		go service.Login(t.Context(), "ana", anasPassword) // runs
		go service.Login(t.Context(), "ana", anasPassword) // waits
		synctest.Wait()
		start := time.Now()
		if _, err := service.Login(t.Context(), "ana", anasPassword); !errors.Is(err, ErrTooManyAttempts) {
			t.Errorf("Login with a full queue = %v, want %v", err, ErrTooManyAttempts)
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("Login with a full queue took %s, want 0s", waited)
		}
		time.Sleep(time.Minute) // let the first login finish
	})
}

func TestLoginQueue_MaximumWait(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		timeout time.Duration
		wait    time.Duration
		want    error
	}{
		{"queue's timeout", time.Hour, maxLoginWait, ErrTooManyAttempts},
		{"caller's timeout", time.Second, time.Second, context.DeadlineExceeded},
	} {
		synctest.Test(t, func(t *testing.T) {
			service := slowService(t)
			go service.Login(t.Context(), "ana", anasPassword)
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
			defer cancel()
			start := time.Now()
			_, err := service.Login(ctx, "ana", anasPassword)
			if waited := time.Since(start); !errors.Is(err, test.want) || waited != test.wait {
				t.Errorf("%s: Login = %v after %s, want %v after %s", test.name, err, waited, test.want, test.wait)
			}
			time.Sleep(time.Minute)
			unknown := service.queue.unknown
			if len(service.queue.running) != 0 || unknown.free != 1 || len(unknown.byAddress) != 0 {
				t.Errorf("%s: places are taken after all logins finished, want none", test.name)
			}
		})
	}
}

func TestLoginQueue_LimitsConcurrentCompares(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		service.queue = newLoginQueue(2, 0, 8)
		var now, most atomic.Int32
		service.compare = func(_, _ []byte) error {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			return nil
		}
		var logins sync.WaitGroup
		for range 10 {
			logins.Go(func() {
				if _, err := service.Login(t.Context(), "ana", anasPassword); err != nil {
					t.Errorf("Login = %v, want nil", err)
				}
			})
		}
		logins.Wait()
		if got := most.Load(); got != 2 {
			t.Errorf("concurrent compares = %d, want 2", got)
		}
	})
}

// TestLoginQueue_FloodLeavesPlacesForKnownAddresses floods the waitlist of unknown addresses. One
// address gets two places in it. All queued logins finish in time on one core.
func TestLoginQueue_FloodLeavesPlacesForKnownAddresses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		known := []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}
		for _, address := range known {
			wantLogin(t, service, address, "ana", anasPassword, nil)
		}
		service.queue = newLoginQueue(1, maxQueuedKnown, maxQueuedUnknown)
		service.compare = func(_, _ []byte) error {
			time.Sleep(250 * time.Millisecond)
			return nil
		}
		var logins sync.WaitGroup
		enqueue := func(address, username string, want error) {
			logins.Go(func() {
				start := time.Now()
				_, err := service.Login(WithSource(t.Context(), Source{Address: address}), username, anasPassword)
				if waited := time.Since(start); !errors.Is(err, want) || waited >= maxLoginWait {
					t.Errorf("Login(%s) from %s = %v after %s, want %v", username, address, err, waited, want)
				}
			})
			synctest.Wait()
		}
		enqueue("198.51.100.1", "eva", ErrBadCredentials) // runs
		for n := range maxQueuedPerAddress {
			enqueue(fmt.Sprintf("2001:db8::%d", n), "eva", ErrBadCredentials)
		}
		enqueue("2001:db8::9", "eva", ErrTooManyAttempts)
		for n := range maxQueuedUnknown - maxQueuedPerAddress {
			enqueue(fmt.Sprintf("203.0.113.%d", n), fmt.Sprint("name ", n), ErrBadCredentials)
		}
		enqueue("203.0.113.200", "ana", ErrTooManyAttempts)
		for _, address := range known {
			enqueue(address, "eva", ErrTooManyAttempts)
			enqueue(address, "ana", nil)
			enqueue(address, "ana", nil)
			enqueue(address, "ana", ErrTooManyAttempts)
		}
		logins.Wait()
	})
}
