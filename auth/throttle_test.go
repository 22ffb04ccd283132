package auth

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const (
	office    = "192.0.2.7"
	elsewhere = "203.0.113.9"
)

// wantLogin logs in from an address and checks the error.
func wantLogin(t *testing.T, service *Service, address, username, password string, want error) {
	t.Helper()
	ctx := WithSource(t.Context(), Source{Address: address, RequestID: "abc"})
	if _, err := service.Login(ctx, username, password); !errors.Is(err, want) {
		t.Errorf("Login(%s) from %s = %v, want %v", username, address, err, want)
	}
}

// fail makes a number of failed logins, one after the other.
func fail(t *testing.T, service *Service, address, username string, times int) {
	t.Helper()
	for range times {
		wantLogin(t, service, address, username, "wrong", ErrBadCredentials)
	}
}

// delay returns how long a login has to wait. It checks that the password is not compared before.
func delay(t *testing.T, service *Service, address, username string) time.Duration {
	t.Helper()
	ctx := WithSource(t.Context(), Source{Address: address})
	if service.checkThrottle(service.newAttempt(ctx, service.users.Load(), username)) == nil {
		return 0
	}
	before, compared := service.compare, false
	service.compare = func(_, _ []byte) error { compared = true; return nil }
	_, err := service.Login(ctx, username, anasPassword)
	service.compare = before
	tooMany := (*TooManyAttemptsError)(nil)
	if !errors.As(err, &tooMany) || !errors.Is(err, ErrTooManyAttempts) || compared {
		t.Fatalf("Login = %v, compared %t, want a *TooManyAttemptsError without a compare", err, compared)
	}
	return tooMany.RetryAfter
}

func TestThrottle_DelayDoublesWithEachFailure(t *testing.T) {
	t.Parallel()
	// Delays must not reveal whether a user exists.
	for _, username := range []string{"ana", "unknown"} {
		synctest.Test(t, func(t *testing.T) {
			service := newService(t)
			for n := range freeAccountFailures {
				if got := delay(t, service, office, username); got != 0 {
					t.Fatalf("delay of %s after %d failures = %v, want 0s", username, n, got)
				}
				fail(t, service, fmt.Sprintf("198.51.100.%d", n), username, 1)
			}
			want := time.Second
			for range 11 {
				if got := delay(t, service, office, username); got != want {
					t.Fatalf("delay of %s = %v, want %v", username, got, want)
				}
				time.Sleep(want - time.Nanosecond)
				// The attempts of delay itself have not extended it.
				if got := delay(t, service, office, username); got != 1 {
					t.Fatalf("delay of %s just before its end = %v, want 1ns", username, got)
				}
				if want == failureWindow {
					break
				}
				time.Sleep(time.Nanosecond)
				fail(t, service, elsewhere, username, 1)
				want = min(2*want, failureWindow)
			}
			if want != failureWindow {
				t.Errorf("longest delay = %v, want %v", want, failureWindow)
			}
			time.Sleep(time.Nanosecond)
			fail(t, service, office, username, freeAccountFailures-1) // the counter was reset
			if got := delay(t, service, office, username); got != 0 {
				t.Errorf("delay of %s after %v without failures = %v, want 0s", username, failureWindow, got)
			}
		})
	}
}

func TestThrottle_SuccessResetsTheAccountOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		for range 4 {
			fail(t, service, office, "ana", freeAccountFailures-1)
			wantLogin(t, service, office, "ana", anasPassword, nil)
		}
		for n := range freeAddressFailures - 4*(freeAccountFailures-1) {
			fail(t, service, office, fmt.Sprintf("name %d", n), 1)
		}
		if got := delay(t, service, office, "eva"); got != time.Second {
			t.Errorf("delay of the address after %d failures = %v, want 1s", freeAddressFailures, got)
		}
		if got := delay(t, service, elsewhere, "eva"); got != 0 {
			t.Errorf("delay of another address = %v, want 0s", got)
		}
	})
}

func TestThrottle_AddressesOfANetworkCountTogether(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ first, second, same, other string }{
		{"192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.8"},
		{"192.0.2.7", "::ffff:192.0.2.7", "192.0.2.7", "::ffff:192.0.2.8"},
		{"2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:1:ffff::", "2001:db8:0:2::1"},
		{"fe80::1%eth0", "fe80::2%eth1", "fe80::3", "fe81::1"},
	} {
		synctest.Test(t, func(t *testing.T) {
			service := newService(t)
			for n := range freeAddressFailures / 2 {
				fail(t, service, test.first, fmt.Sprintf("name %d", n), 1)
				fail(t, service, test.second, fmt.Sprintf("name %d", n), 1)
			}
			if got := delay(t, service, test.same, "eva"); got != time.Second {
				t.Errorf("delay of %s after %s and %s = %v, want 1s", test.same, test.first, test.second, got)
			}
			if got := delay(t, service, test.other, "eva"); got != 0 {
				t.Errorf("delay of %s after %s and %s = %v, want 0s", test.other, test.first, test.second, got)
			}
		})
	}
}

func TestThrottle_MissingAddressIsNotCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		for _, address := range []string{"", "@"} {
			for n := range 2 * freeAddressFailures {
				fail(t, service, address, fmt.Sprintf("%s name %d", address, n), 1)
			}
			wantLogin(t, service, address, "ana", anasPassword, nil)
		}
	})
}

// TestThrottle_OwnerIsNotLockedOut: guesses from elsewhere do not delay a user at a known address.
func TestThrottle_OwnerIsNotLockedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		wantLogin(t, service, office, "ana", anasPassword, nil)
		fail(t, service, elsewhere, "ana", freeAccountFailures)
		fail(t, service, office, "eva", freeAccountFailures)
		for n := range freeAddressFailures - freeAccountFailures {
			fail(t, service, office, fmt.Sprintf("name %d", n), 1)
		}
		for range 3 {
			wantLogin(t, service, office, "ana", anasPassword, nil)
		}
		// Logins at the known address have not reset the counter for other addresses.
		if got := delay(t, service, elsewhere, "ana"); got != time.Second {
			t.Errorf("delay of ana elsewhere = %v, want 1s", got)
		}
		if got := delay(t, service, office, "eva"); got == 0 {
			t.Error("delay of eva in the office, which she has not logged in from, = 0s, want a delay")
		}
		fail(t, service, office, "ana", freeAccountFailures)
		if got := delay(t, service, office, "ana"); got != time.Second {
			t.Errorf("delay of ana after failures at the known address = %v, want 1s", got)
		}
	})
}

// TestThrottle_ConcurrentGuessesAreCounted: logins that waited together in the queue are checked
// again before the compare.
func TestThrottle_ConcurrentGuessesAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		service.queue = newLoginQueue(2, 100, 100)
		var compared atomic.Int32
		service.compare = func(_, _ []byte) error {
			compared.Add(1)
			time.Sleep(100 * time.Millisecond)
			return errors.New("wrong")
		}
		var group sync.WaitGroup
		for range 100 {
			group.Go(func() { _, _ = service.Login(t.Context(), "ana", "wrong") })
		}
		group.Wait()
		// Two run at once, so one more can start before the last free failure.
		if got := compared.Load(); got > freeAccountFailures+1 {
			t.Errorf("compares of 100 concurrent guesses = %d, want at most %d", got, freeAccountFailures+1)
		}
	})
}

func TestThrottle_FloodEvictsNoUser(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		service.throttle.unknownUsers.counters.Resize(10)
		service.throttle.addresses.counters.Resize(10)
		fail(t, service, office, "ana", freeAccountFailures)
		for n := range 100 {
			fail(t, service, fmt.Sprintf("198.51.100.%d", n), fmt.Sprintf("name %d", n), 1)
		}
		if got := delay(t, service, elsewhere, "ana"); got != time.Second {
			t.Errorf("delay of ana after a flood of other usernames = %v, want 1s", got)
		}
		for name, counts := range map[string]*backoff{
			"unknown users": service.throttle.unknownUsers, "addresses": service.throttle.addresses,
		} {
			if n := counts.counters.Len(); n != 10 {
				t.Errorf("counters of %s = %d, want 10", name, n)
			}
		}
		time.Sleep(failureWindow)
		fail(t, service, office, "ana", 1)
		if n := service.throttle.users.counters.Len() + service.throttle.addresses.counters.Len(); n != 2 {
			t.Errorf("counters after the window = %d, want 2: ana and the office", n)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	var got []time.Duration
	for _, wait := range []time.Duration{0, 1, time.Second, time.Second + 1, failureWindow} {
		got = append(got, RetryAfter(fmt.Errorf("login: %w", &TooManyAttemptsError{RetryAfter: wait})))
	}
	want := []time.Duration{time.Second, time.Second, time.Second, 2 * time.Second, failureWindow}
	if !slices.Equal(got, want) {
		t.Errorf("RetryAfter = %v, want %v", got, want)
	}
}
