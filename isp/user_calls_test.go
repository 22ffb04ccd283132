package isp

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"

	"wisphub-graphql/wisphub"
)

// accounts asks for the accounts of some of the clients as a user, and returns how many were answered
// and the last error.
func (b *bubble) accounts(user string, from, to int) (answered int, last error) {
	ctx := b.provider.WithUser(b.t.Context(), user)
	for _, id := range b.upstream.IDs()[from:to] {
		if _, err := b.provider.Accounts.Get(ctx, id); err != nil {
			last = err
			continue
		}
		answered++
	}
	return answered, last
}

// A user at its share is told so. Others go on, and memory answers all.
func Test15_8_UserAtItsShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, 300, func(*Config) {})
		b.provider.WithUser(t.Context(), "reader")
		answered, err := b.accounts("greedy", 1, 60)
		if answered != 30 || !errors.Is(err, ErrRateLimited) || !errors.Is(err, ErrUserShare) {
			t.Errorf("accounts = %d and %v, want 30 and ErrUserShare", answered, err)
		}
		if answered, err := b.accounts("greedy", 1, 31); answered != 30 {
			t.Errorf("accounts in memory = %d and %v, want 30", answered, err)
		}
		if answered, err := b.accounts("reader", 50, 51); answered != 1 {
			t.Errorf("accounts of the other user = %d and %v, want 1", answered, err)
		}
	})
}

// A refusal of a user at its share is not remembered for others, who ask for the same record.
func Test15_8_RefusalIsNotShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, 300, func(*Config) {})
		b.provider.WithUser(t.Context(), "reader")
		b.accounts("greedy", 1, 60)
		if answered, err := b.accounts("greedy", 60, 61); answered != 0 {
			t.Errorf("accounts of the user at its share = %d and %v, want none", answered, err)
		}
		if answered, err := b.accounts("reader", 60, 61); answered != 1 {
			t.Errorf("the same account for the other user = %d and %v, want 1", answered, err)
		}
	})
}

// A load that a user at its share has begun goes on for a user who joins it.
func Test15_8_LoadGoesOnForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, 300, func(*Config) {})
		b.provider.WithUser(t.Context(), "reader")
		b.accounts("greedy", 1, 60)
		time.Sleep(55 * time.Second) // a turn in 6 s is soon enough to wait for
		b.provider.WithUser(t.Context(), "reader")
		var group sync.WaitGroup
		began := time.Now()
		for _, user := range []string{"greedy", "reader"} {
			group.Go(func() {
				if answered, err := b.accounts(user, 70, 71); answered != 1 {
					t.Errorf("account of %s: %v", user, err)
				}
			})
			time.Sleep(time.Second)
		}
		group.Wait()
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("the accounts took %v, want at most 3 s: the user who joined has room", took)
		}
	})
}

// Refreshes in the background count for the user whose request began them. What is stale is served.
func Test15_8_RefreshesCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, 300, func(*Config) {})
		for range 20 {
			b.provider.WithUser(t.Context(), "reader")
			b.accounts("greedy", 1, 61)
			time.Sleep(2 * accountTTL)
		}
		spent, _ := b.calls(time.Hour)
		if limit := b.provider.Status().UserHourLimit; spent > limit || limit != 300 {
			t.Errorf("calls = %d, want at most the %d of one user", spent, limit)
		}
		if answered, err := b.accounts("greedy", 1, 31); answered != 30 {
			t.Errorf("stale accounts = %d and %v, want 30", answered, err)
		}
	})
}

// Look-ups that cost a call and find nothing are limited: of ten in a minute each costs a call, and
// the others are refused. Memory answers meanwhile, and what it knows to be missing costs nothing.
func Test15_8_NotFoundLookUps(t *testing.T) {
	t.Parallel()
	for name, get := range map[string]func(b *bubble, user string, n int) (any, error){
		"client": func(b *bubble, user string, n int) (any, error) {
			client, err := b.provider.Clients.Get(b.provider.WithUser(b.t.Context(), user), 800_000+n)
			return client == nil, err
		},
		"ticket": func(b *bubble, user string, n int) (any, error) {
			ticket, err := b.provider.Tickets.Get(b.provider.WithUser(b.t.Context(), user), 800_000+n)
			return ticket == nil, err
		},
		"account": func(b *bubble, user string, n int) (any, error) {
			account, err := b.provider.Accounts.Get(b.provider.WithUser(b.t.Context(), user), 800_000+n)
			return account == nil, err
		},
		"task": func(b *bubble, user string, n int) (any, error) {
			task, err := b.provider.Tasks.Get(b.provider.WithUser(b.t.Context(), user), "00000000-"+strings.Repeat("x", n+1))
			return task == nil, err
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBubble(t, 300, func(*Config) {})
			if err := b.provider.Clients.Await(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := b.provider.Tickets.List(t.Context(), TicketQuery{}); err != nil {
				t.Fatal(err)
			}
			before, _ := b.calls(time.Hour)
			for n := range 12 {
				missing, err := get(b, "bot", n)
				if n < 10 && (missing != true || err != nil) {
					t.Errorf("%s %d: missing %v, %v, want true", name, n, missing, err)
				}
				if n >= 10 && (!errors.Is(err, ErrRateLimited) || !errors.Is(err, ErrManyNotFound)) {
					t.Errorf("%s %d: %v, want ErrManyNotFound", name, n, err)
				}
			}
			if missing, err := get(b, "bot", 0); missing != true || err != nil {
				t.Errorf("%s that memory knows to be missing: %v, %v, want true", name, missing, err)
			}
			if spent, _ := b.calls(time.Hour); spent-before != 10 {
				t.Errorf("calls for a %s = %d, want 10", name, spent-before)
			}
			if missing, err := get(b, "other", 20); missing != true || err != nil {
				t.Errorf("%s of another user: %v, %v, want true", name, missing, err)
			}
			for _, key := range []ClientKey{{Document: new("1")}, {Phone: new("3009999999")}, {Username: new("x9@isp")}} {
				if answered, err := b.provider.Clients.Find(b.provider.WithUser(t.Context(), "bot"), key); answered != nil || err != nil {
					t.Errorf("a key that the directory lacks = %v, %v, want nothing, from memory", answered, err)
				}
			}
		})
	}
}

// A write reads its record first. If that finds nothing, it is a look-up as any other.
func Test15_8_NotFoundBeforeWrites(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(ctx context.Context, b *bubble, id int) ([]*UserError, error){
		"balance": func(ctx context.Context, b *bubble, id int) ([]*UserError, error) {
			payload, err := b.provider.Clients.Update(ctx, UpdateClientInput{ServiceID: id, Balance: new(NewDecimal(decimal.Zero))})
			if err != nil {
				return nil, err
			}
			return payload.UserErrors, nil
		},
		"ticket": func(ctx context.Context, b *bubble, id int) ([]*UserError, error) {
			payload, err := b.provider.Tickets.Update(ctx, UpdateTicketInput{TicketID: id, Status: new(TicketClosed)})
			if err != nil {
				return nil, err
			}
			return payload.UserErrors, nil
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBubble(t, 300, func(*Config) {})
			ctx := asBiller(b.provider.WithUser(t.Context(), "bot"))
			for n := range 12 {
				wrong, err := write(ctx, b, 800_000+n)
				if n < 10 && (err != nil || len(wrong) != 1 || wrong[0].Code != CodeNotFound) {
					t.Errorf("%s %d: %v, %v, want NOT_FOUND", name, n, wrong, err)
				}
				if n >= 10 && !errors.Is(err, ErrManyNotFound) {
					t.Errorf("%s %d: %v, %v, want ErrManyNotFound", name, n, wrong, err)
				}
			}
		})
	}
}

// The retry after a refusal is what is left of the wait.
func Test15_8_RetryAfterOfARefusal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBubble(t, 300, func(*Config) {})
		b.provider.WithUser(t.Context(), "reader")
		_, err := b.accounts("greedy", 1, 60)
		fetch := (*FetchError)(nil)
		if !errors.As(err, &fetch) || fetch.RetryAfter <= 30*time.Second || fetch.RetryAfter > 62*time.Second {
			t.Errorf("error = %v, want a FetchError with what is left of the minute", err)
		}
		if status := wisphub.RetryAfter(err); status != fetch.RetryAfter {
			t.Errorf("RetryAfter = %v, want %v", fetch.RetryAfter, status)
		}
	})
}
