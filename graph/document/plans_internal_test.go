package document

import (
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
)

const twoOperations = `query A{viewer{username}} query B{viewer{scopes}}`

// A plan belongs to one operation and one purpose, and the first one stays.
func Test16_2_PlansOfAnOperation(t *testing.T) {
	t.Parallel()
	r := newTestReader(Limits{})
	document, _ := r.read(callerContext(t, "ana"), twoOperations)
	a, b := document.tree.Operations[0], document.tree.Operations[1]
	before := r.cache.bytes
	document.plans.Store(a, "answer", 100)
	document.plans.Store(a, "another answer", 100)
	document.plans.StoreCost(a, 1, "cost", 200)
	if got := document.plans.Load(a); got != "answer" {
		t.Errorf("Load(a) = %v, want the first answer", got)
	}
	if got := document.plans.LoadCost(a, 1); got != "cost" {
		t.Errorf("LoadCost(a) = %v, want its cost", got)
	}
	if got, other := document.plans.Load(b), document.plans.LoadCost(a, 0); got != nil || other != nil {
		t.Errorf("Load(b), LoadCost of another variant = %v, %v, want nothing", got, other)
	}
	if grown := r.cache.bytes - before; grown < 300 || grown > 500 {
		t.Errorf("the cache grew by %d bytes, want those of two plans", grown)
	}
	checkSums(t, r.cache)
}

// A plan must not outlive its document in the sums of the cache, nor make it larger than others.
func Test16_2_PlansAreBounded(t *testing.T) {
	t.Parallel()
	r := newTestReader(Limits{})
	ctx := callerContext(t, "ana")
	first, _ := r.read(ctx, twoOperations)
	operation := first.tree.Operations[0]
	first.plans.Store(operation, "large", maxCachedBytes/largestShare)
	if got := first.plans.Load(operation); got != nil {
		t.Errorf("Load = %v, want no plan that takes all of a document's share", got)
	}
	first.plans.Store(operation, "half", maxCachedBytes/largestShare/2)
	if got := first.plans.Load(operation); got != "half" {
		t.Errorf("Load = %v, want half of a document's share", got)
	}
	for n := range 2 * largestShare {
		other, _ := r.read(ctx, shapes["small"](n))
		other.plans.Store(other.tree.Operations[0], n, maxCachedBytes/largestShare*9/10)
		checkSums(t, r.cache)
	}
	if r.cache.get(twoOperations) != nil {
		t.Error("the first document is cached, want it pushed out by the plans of others")
	}
	first.plans.StoreCost(operation, 0, "late", 100)
	if got := first.plans.LoadCost(operation, 0); got != nil {
		t.Errorf("LoadCost = %v, want no plan of a document that is gone", got)
	}
	checkSums(t, r.cache)
}

func Test16_2_PlansFromContext(t *testing.T) {
	t.Parallel()
	r := newTestReader(Limits{})
	if got := PlansFrom(t.Context()); got != nil {
		t.Errorf("PlansFrom without an operation = %v, want nil", got)
	}
	var none *Plans
	none.Store(nil, "lost", 1)
	none.StoreCost(nil, 0, "lost", 1)
	if none.Load(nil) != nil || none.LoadCost(nil, 0) != nil {
		t.Error("nil plans have a plan, want none")
	}
	for _, username := range []string{"", "ana"} {
		ctx := t.Context()
		if username != "" {
			ctx = callerContext(t, username)
		}
		document, _ := r.read(ctx, twoOperations)
		prepared, errs := r.prepare(document, &graphql.RawParams{OperationName: "A"})
		if errs != nil {
			t.Fatal(errs)
		}
		operation := graphql.WithOperationContext(ctx, &graphql.OperationContext{Extensions: prepared.Extensions})
		if got := PlansFrom(operation); (got != nil) != (username != "") {
			t.Errorf("PlansFrom of user %q = %v, want plans only for a cached document", username, got)
		}
	}
}

func Test16_2_PlansAtOnce(t *testing.T) {
	t.Parallel()
	r := newTestReader(Limits{})
	document, _ := r.read(callerContext(t, "ana"), twoOperations)
	var running sync.WaitGroup
	for n := range 8 {
		running.Go(func() {
			for _, operation := range document.tree.Operations {
				document.plans.Store(operation, n, 10)
				if document.plans.Load(operation) == nil {
					t.Error("Load = nil, want the plan of the first")
				}
			}
		})
	}
	running.Wait()
	checkSums(t, r.cache)
}
