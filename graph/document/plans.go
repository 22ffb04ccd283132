package document

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Plans are what other packages compile of a cached document, an operation at a time. They live
// and die with the document, and their bytes count as the document's. All methods are safe for
// concurrent use. A nil *Plans has no plans and keeps none.
type Plans struct {
	cache    *cache
	document *checkedDocument
	mu       sync.Mutex // of those who write list
	list     atomic.Pointer[[]compiled]
}

// compiled is one plan. It must not change any more.
type compiled struct {
	operation *ast.OperationDefinition
	purpose   purpose
	variant   int
	plan      any
}

// purpose is what a plan is for.
type purpose uint8

const (
	purposeAnswer purpose = iota
	purposeCost
	purposeArguments
	purposeConditions
)

// PlansFrom returns the plans of the document of the context's operation. They are nil if there is
// no operation, or if its document is not cached.
func PlansFrom(ctx context.Context) *Plans {
	if !graphql.HasOperationContext(ctx) {
		return nil
	}
	return PlansOf(graphql.GetOperationContext(ctx))
}

// PlansOf returns the plans of the operation's document, nil if it is not cached.
func PlansOf(operation *graphql.OperationContext) *Plans {
	document := documentIn(operation)
	if document == nil {
		return nil
	}
	return document.plans
}

// Load returns how the operation is answered, nil if that is not known yet.
func (p *Plans) Load(operation *ast.OperationDefinition) any {
	return p.load(operation, purposeAnswer, 0)
}

// Store keeps how the operation is answered. The plan takes this many bytes and must not change any
// more. The first plan of an operation stays. A document that grows too large keeps none.
func (p *Plans) Store(operation *ast.OperationDefinition, plan any, bytes int) {
	p.store(operation, purposeAnswer, 0, plan, bytes)
}

// LoadCost returns how the cost of a variant of the operation is estimated, nil if that is not known
// yet. The number is of [Variant].
func (p *Plans) LoadCost(operation *ast.OperationDefinition, variant int) any {
	return p.load(operation, purposeCost, variant)
}

// StoreCost keeps how the cost of a variant is estimated, as [Plans.Store] does.
func (p *Plans) StoreCost(operation *ast.OperationDefinition, variant int, plan any, bytes int) {
	p.store(operation, purposeCost, variant, plan, bytes)
}

func (p *Plans) load(operation *ast.OperationDefinition, purpose purpose, variant int) any {
	if p == nil {
		return nil
	}
	list := p.list.Load()
	if list == nil {
		return nil
	}
	for _, known := range *list {
		if known.operation == operation && known.purpose == purpose && known.variant == variant {
			return known.plan
		}
	}
	return nil
}

func (p *Plans) store(operation *ast.OperationDefinition, purpose purpose, variant int, plan any, bytes int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.load(operation, purpose, variant) != nil || !p.cache.grow(p.document, bytes+sizeOf[compiled]()) {
		return
	}
	var list []compiled
	if known := p.list.Load(); known != nil {
		list = append(list, *known...)
	}
	p.list.Store(new(append(list, compiled{operation, purpose, variant, plan})))
}
