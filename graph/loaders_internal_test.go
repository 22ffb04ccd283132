package graph

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"wisphub-graphql/graph/transport"
	"wisphub-graphql/isp"
)

// fakePlans has the methods that the loaders call. The others panic.
type fakePlans struct {
	planService
	knownDetails func(id int) (*isp.PlanDetails, bool)
	manyDetails  func(ctx context.Context, ids []int) ([]*isp.PlanDetails, []error)
}

func (f *fakePlans) KnownDetails(_ context.Context, id int) (*isp.PlanDetails, bool) {
	return f.knownDetails(id)
}

func (f *fakePlans) ManyDetails(ctx context.Context, ids []int) ([]*isp.PlanDetails, []error) {
	return f.manyDetails(ctx, ids)
}

func (f *fakePlans) DetailCalls(ids []int, _ int) int { return len(ids) }

// fakeClients and fakeAccounts are never called.
type (
	fakeClients  struct{ clientService }
	fakeAccounts struct{ accountService }
)

// withPlans returns a resolver that has plans only.
func withPlans(plans *fakePlans) *Resolver {
	return &Resolver{clients: &fakeClients{}, accounts: &fakeAccounts{}, plans: plans, maxCalls: 20}
}

func nothingKnown(int) (*isp.PlanDetails, bool) { return nil, false }

// respond calls do as gqlgen calls the resolvers of one response.
func respond(ctx context.Context, r *Resolver, do func(ctx context.Context)) {
	r.withLoaders(ctx, func(ctx context.Context) *graphql.Response {
		do(ctx)
		return nil
	})
}

// The library runs a batch with the context of its first lookup.
func TestLoader_FirstCallerLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked []int
		r := withPlans(&fakePlans{
			knownDetails: nothingKnown,
			manyDetails: func(ctx context.Context, ids []int) ([]*isp.PlanDetails, []error) {
				asked = append(asked, ids...)
				return make([]*isp.PlanDetails, len(ids)), slices.Repeat([]error{ctx.Err()}, len(ids))
			},
		})
		respond(t.Context(), r, func(ctx context.Context) {
			first, leave := context.WithCancel(ctx)
			errs := make(chan error, 3)
			load := func(ctx context.Context, id int) {
				_, err := r.planDetails(ctx, &isp.Plan{PlanID: id})
				errs <- err
			}
			go load(first, 1)
			synctest.Wait()
			go load(ctx, 2)
			go load(ctx, 2)
			synctest.Wait()
			leave()
			for range cap(errs) {
				if err := <-errs; err != nil {
					t.Errorf("planDetails = %v after the first caller left, want no error", err)
				}
			}
		})
		if slices.Sort(asked); !slices.Equal(asked, []int{1, 2}) {
			t.Errorf("ManyDetails was called for %v, want 1 and 2, each once", asked)
		}
	})
}

// A batch has the deadline of its operation.
func TestLoader_Deadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var left time.Duration
		r := withPlans(&fakePlans{
			knownDetails: nothingKnown,
			manyDetails: func(ctx context.Context, ids []int) ([]*isp.PlanDetails, []error) {
				deadline, _ := ctx.Deadline()
				left = time.Until(deadline)
				<-ctx.Done()
				return make([]*isp.PlanDetails, len(ids)), slices.Repeat([]error{ctx.Err()}, len(ids))
			},
		})
		load := func(ctx context.Context, want time.Duration) {
			respond(ctx, r, func(ctx context.Context) {
				_, err := r.planDetails(ctx, &isp.Plan{PlanID: 1})
				if !errors.Is(err, context.DeadlineExceeded) || left != want {
					t.Errorf("planDetails = %v with %s left, want a deadline in %s", err, left, want)
				}
			})
		}
		late, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		load(late, 2*time.Second-batchWait)
		load(t.Context(), transport.OperationTimeout)
	})
}

// The context has no loaders, so a lookup would panic.
func TestPlanDetails_InMemory(t *testing.T) {
	t.Parallel()
	want := &isp.PlanDetails{DownloadSpeed: "20M"}
	r := withPlans(&fakePlans{knownDetails: func(int) (*isp.PlanDetails, bool) { return want, true }})
	if got, err := r.planDetails(t.Context(), &isp.Plan{PlanID: 3}); got != want || err != nil {
		t.Errorf("planDetails = %v, %v, want the details in memory", got, err)
	}
}
