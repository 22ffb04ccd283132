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

// wantLogin logs in from an address and checks how that ends.
func wantLogin(t *testing.T, service *Service, address, username, password string, want error) {
	t.Helper()
	ctx := WithSource(t.Context(), Source{Address: address, RequestID: "abc"})
	if _, err := service.Login(ctx, username, password); !errors.Is(err, want) {
		t.Errorf("Login of %s from %s = %v, want %v", username, address, err, want)
	}
}

// fail has logins fail, at once and one after the other.
func fail(t *testing.T, service *Service, address, username string, times int) {
	t.Helper()
	for range times {
		wantLogin(t, service, address, username, "wrong", ErrBadCredentials)
	}
}

// held returns how long a login would have to wait, and proves that its password is not looked at meanwhile.
func held(t *testing.T, service *Service, address, username string) time.Duration {
	t.Helper()
	ctx := WithSource(t.Context(), Source{Address: address})
	if service.hold(service.tryOf(ctx, service.users.Load(), username)) == nil {
		return 0
	}
	before, compared := service.compare, false
	service.compare = func(_, _ []byte) error { compared = true; return nil }
	_, err := service.Login(ctx, username, anasPassword)
	service.compare = before
	tooMany := (*TooManyAttemptsError)(nil)
	if !errors.As(err, &tooMany) || !errors.Is(err, ErrTooManyAttempts) || compared {
		t.Fatalf("Login = %v, compared %t, want a *TooManyAttemptsError before that", err, compared)
	}
	return tooMany.RetryAfter
}

func TestFailuresOfAnAccountDelayTheNext(t *testing.T) {
	t.Parallel()
	for _, username := range []string{"ana", "nobody"} { // alike, or it would show who exists
		synctest.Test(t, func(t *testing.T) {
			service := newService(t)
			for n := range accountTries {
				if got := held(t, service, office, username); got != 0 {
					t.Fatalf("%s has to wait %v after %d failures, want no wait", username, got, n)
				}
				fail(t, service, fmt.Sprintf("198.51.100.%d", n), username, 1)
			}
			want := time.Second
			for range 11 {
				if got := held(t, service, office, username); got != want {
					t.Fatalf("%s has to wait %v, want %v", username, got, want)
				}
				time.Sleep(want - time.Nanosecond)
				if got := held(t, service, office, username); got != 1 { // to try has not made it longer
					t.Fatalf("%s has to wait %v just before the end, want 1ns", username, got)
				}
				if want == failureWindow {
					break
				}
				time.Sleep(time.Nanosecond)
				fail(t, service, elsewhere, username, 1)
				want = min(2*want, failureWindow)
			}
			if want != failureWindow {
				t.Errorf("the longest delay is %v, want %v", want, failureWindow)
			}
			time.Sleep(time.Nanosecond)
			fail(t, service, office, username, accountTries-1) // all is forgotten
			if got := held(t, service, office, username); got != 0 {
				t.Errorf("%s has to wait %v after %v without failures, want no wait", username, got, failureWindow)
			}
		})
	}
}

func TestSuccessForgivesTheAccountAndNotTheAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		for range 4 {
			fail(t, service, office, "ana", accountTries-1)
			wantLogin(t, service, office, "ana", anasPassword, nil)
		}
		for n := range addressTries - 4*(accountTries-1) {
			fail(t, service, office, fmt.Sprintf("name %d", n), 1)
		}
		if got := held(t, service, office, "eva"); got != time.Second {
			t.Errorf("the %dth failure of an address delays by %v, want 1s", addressTries, got)
		}
		if got := held(t, service, elsewhere, "eva"); got != 0 {
			t.Errorf("another address has to wait %v, want no wait", got)
		}
	})
}

func TestAddressesOfOneHouseAreOne(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ first, second, same, other string }{
		{"192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.8"},
		{"192.0.2.7", "::ffff:192.0.2.7", "192.0.2.7", "::ffff:192.0.2.8"},
		{"2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:1:ffff::", "2001:db8:0:2::1"},
		{"fe80::1%eth0", "fe80::2%eth1", "fe80::3", "fe81::1"},
	} {
		synctest.Test(t, func(t *testing.T) {
			service := newService(t)
			for n := range addressTries / 2 {
				fail(t, service, test.first, fmt.Sprintf("name %d", n), 1)
				fail(t, service, test.second, fmt.Sprintf("name %d", n), 1)
			}
			if got := held(t, service, test.same, "eva"); got != time.Second {
				t.Errorf("%s has to wait %v after %s and %s, want 1s", test.same, got, test.first, test.second)
			}
			if got := held(t, service, test.other, "eva"); got != 0 {
				t.Errorf("%s has to wait %v after %s and %s, want no wait", test.other, got, test.first, test.second)
			}
		})
	}
}

func TestNowhereIsNoAddress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		for _, address := range []string{"", "@"} {
			for n := range 2 * addressTries {
				fail(t, service, address, fmt.Sprintf("%s name %d", address, n), 1)
			}
			wantLogin(t, service, address, "ana", anasPassword, nil)
		}
	})
}

// TestNobodyLocksAUserOut: who guesses at an account from elsewhere holds nobody up who comes from where the user is at home.
func TestNobodyLocksAUserOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		wantLogin(t, service, office, "ana", anasPassword, nil)
		fail(t, service, elsewhere, "ana", accountTries)
		fail(t, service, office, "eva", accountTries)
		for n := range addressTries - accountTries {
			fail(t, service, office, fmt.Sprintf("name %d", n), 1)
		}
		for range 3 {
			wantLogin(t, service, office, "ana", anasPassword, nil)
		}
		if got := held(t, service, elsewhere, "ana"); got != time.Second {
			t.Errorf("elsewhere ana has to wait %v, want 1s: that she logs in at home forgives nobody else", got)
		}
		if got := held(t, service, office, "eva"); got == 0 {
			t.Error("eva is not at home in the office, and need not wait")
		}
		fail(t, service, office, "ana", accountTries) // at home, too, guesses are counted
		if got := held(t, service, office, "ana"); got != time.Second {
			t.Errorf("at home ana has to wait %v, want 1s", got)
		}
	})
}

// TestGuessesAtOnceAreCounted: many that begin together are not all compared because none has failed yet.
func TestGuessesAtOnceAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		service.gate = newGate(2, 100, 100)
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
		if got := compared.Load(); got > accountTries+1 {
			t.Errorf("of 100 guesses at once %d were compared, want %d, and one that was beside the last", got, accountTries)
		}
	})
}

func TestFloodPushesOutNoUser(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		service.throttle.strangers.limit, service.throttle.addresses.limit = 10, 10
		fail(t, service, office, "ana", accountTries)
		for n := range 100 {
			fail(t, service, fmt.Sprintf("198.51.100.%d", n), fmt.Sprintf("name %d", n), 1)
		}
		if got := held(t, service, elsewhere, "ana"); got != time.Second {
			t.Errorf("ana has to wait %v after a flood of other names, want 1s", got)
		}
		for name, tally := range map[string]*tally{"strangers": service.throttle.strangers, "addresses": service.throttle.addresses} {
			if n, m := len(tally.byKey), tally.order.Len(); n != 10 || m != n {
				t.Errorf("%d and %d %s are remembered, want 10", n, m, name)
			}
		}
		time.Sleep(failureWindow)
		fail(t, service, office, "ana", 1)
		if n := len(service.throttle.users.byKey) + len(service.throttle.addresses.byKey); n != 2 {
			t.Errorf("%d are remembered when the window is over, want ana and the office", n)
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
