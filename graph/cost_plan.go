package graph

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/graph/document"
)

// costPlan is an operation, as far as its cost goes. It lives with the cached document, so that a
// request only multiplies. It must not change any more.
type costPlan struct {
	fields   []costField // those of the root, and below them all that return objects
	selected int         // fields of the root
}

// costField is a field with fragments expanded and directives applied.
type costField struct {
	*ast.Field
	fixed    *fieldArguments // nil if variables decide
	isObject bool            // or objects
	hasFirst bool            // the schema gives it the argument first
	sameRows bool            // see [isSameRows]
	calls    bool            // a field below it may cost calls, or it, if it is not of the root
	selected int             // fields of its selection set
	below    []costField     // those of the selection set that return objects
}

// costFieldBytes is about what a field of a plan takes, with its arguments.
const costFieldBytes = 256

// costPlanOf returns the plan of an operation, from memory if it can.
func costPlanOf(operation *graphql.OperationContext) *costPlan {
	variant, known := document.Variant(operation)
	if !known {
		plan, _ := newCostPlan(operation)
		return plan
	}
	plans := document.PlansOf(operation)
	if plan, ok := plans.LoadCost(operation.Operation, variant).(*costPlan); ok {
		return plan
	}
	plan, bytes := newCostPlan(operation)
	plans.StoreCost(operation.Operation, variant, plan, bytes)
	return plan
}

// newCostPlan returns a new plan and about how many bytes it takes.
func newCostPlan(operation *graphql.OperationContext) (*costPlan, int) {
	p := &costPlanner{operation: operation}
	plan := &costPlan{}
	for _, field := range p.collect(operation.Operation.SelectionSet) {
		plan.fields = append(plan.fields, p.field(field))
	}
	plan.selected = len(plan.fields)
	return plan, (p.fields + 1) * costFieldBytes
}

type costPlanner struct {
	operation *graphql.OperationContext
	fields    int
}

// collect applies directives and expands fragments of any type. Package document bounds the result.
func (p *costPlanner) collect(selections ast.SelectionSet) []graphql.CollectedField {
	return graphql.CollectFields(p.operation, selections, nil)
}

func (p *costPlanner) field(collected graphql.CollectedField) costField {
	p.fields++
	field := costField{
		Field:    collected.Field,
		fixed:    fixedArguments(collected.Field),
		isObject: len(collected.Selections) > 0,
		hasFirst: collected.Definition.Arguments.ForName("first") != nil,
		sameRows: isSameRows(collected),
	}
	if !field.isObject {
		return field
	}
	selected := p.collect(collected.Selections)
	field.selected = len(selected)
	for _, child := range selected {
		if len(child.Selections) == 0 {
			continue
		}
		below := p.field(child)
		below.calls = below.calls || mayCall(child)
		field.below = append(field.below, below)
		field.calls = field.calls || below.calls
	}
	return field
}

// isSameRows reports whether the field returns the rows that the field around it has looked up.
func isSameRows(field graphql.CollectedField) bool {
	switch field.Name {
	case "nodes", "edges", "node":
		return true
	}
	return field.Name == "client" && field.ObjectDefinition.Name == "IdentityCheck"
}

// mayCall reports whether a field below the root may cost calls by itself.
func mayCall(field graphql.CollectedField) bool {
	switch field.Name {
	case "account", "client", "otherServices":
		return !isSameRows(field)
	}
	return false
}
