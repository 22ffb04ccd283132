package graph

import (
	"cmp"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// guard holds a document to its limits before anything else looks at it: gqlparser's rules compare fields all with all and
// walk fragments from each place that leads to them, which takes minutes for documents of a kilobyte. The guard looks at
// each selection once, and at each of the few that the limits leave once more.
type guard struct {
	schema     *ast.Schema
	limits     Limits
	fragments  map[string]*ast.FragmentDefinition
	measured   map[*ast.FragmentDefinition]*extent // nil while it is being measured
	values     map[*ast.Field]int                  // how many the arguments hold
	directives int
	// comparisons are those that the rules will make at most, steps the selections looked at, for tests.
	comparisons, steps int
	err                error
}

// check returns why the document is not to be read any further, nil when it may.
func (l Limits) check(schema *ast.Schema, document *ast.QueryDocument) error {
	return newGuard(schema, l, document).check(document)
}

func newGuard(schema *ast.Schema, limits Limits, document *ast.QueryDocument) *guard {
	g := &guard{
		schema:    schema,
		limits:    limits,
		fragments: make(map[string]*ast.FragmentDefinition, len(document.Fragments)),
		measured:  make(map[*ast.FragmentDefinition]*extent, len(document.Fragments)),
		values:    map[*ast.Field]int{},
	}
	for _, fragment := range slices.Backward(document.Fragments) { // of one name the first counts, as for gqlparser
		g.fragments[fragment.Name] = fragment
	}
	return g
}

func (g *guard) check(document *ast.QueryDocument) error {
	if err := cmp.Or(
		atMost(g.limits.Operations, len(document.Operations), "A document may hold at most %d operations."),
		atMost(g.limits.Fragments, len(document.Fragments), "A document may hold at most %d fragments."),
	); err != nil {
		return err
	}
	fields := 0
	for _, fragment := range document.Fragments { // the unused, too: the rules look at them as well
		fields = add(fields, g.fragment(fragment).fields)
	}
	for _, operation := range document.Operations {
		fields = add(fields, g.operation(operation).fields)
	}
	if g.err != nil {
		return g.err
	}
	if err := cmp.Or(
		atMost(g.limits.Directives, g.directives, "A document may hold at most %d directives."),
		atMost(g.limits.Fields, fields, "A document may select at most %d fields, those of fragments counted wherever they are used."),
	); err != nil {
		return err
	}
	return g.checkRepeats(document)
}

// fail keeps the first error.
func (g *guard) fail(err error) { g.err = cmp.Or(g.err, err) }

// operation measures an operation and holds it to its limits.
func (g *guard) operation(operation *ast.OperationDefinition) extent {
	g.annotations(operation.Directives)
	for _, variable := range operation.VariableDefinitions {
		g.annotations(variable.Directives)
		g.value(variable.DefaultValue, 0)
	}
	e := g.selections(operation.SelectionSet, g.root(operation.Operation))
	g.fail(cmp.Or(
		atMost(maxNesting, e.nesting, "Selections may lie at most %d deep, fragments counted."),
		atMost(g.limits.Depth, e.depth, "Fields may lie at most %d deep."),
		atMost(g.limits.ListDepth, e.lists, "Lists may lie at most %d deep in one another."),
		atMost(g.limits.Aliases, e.aliases, "An operation may have at most %d aliases, those of fragments counted wherever they are used."),
		atMost(g.limits.RootFields, e.width, "An operation may select at most %d root fields."),
		atMost(maxSchemas, e.schemas, "An operation may select __schema at most %d time."),
	))
	return e
}

// maxNesting bounds inline fragments in one another, each of which gqlparser compares once more with all that it holds.
const maxNesting = 50

func (g *guard) root(kind ast.Operation) *ast.Definition {
	switch kind {
	case ast.Mutation:
		return g.schema.Mutation
	case ast.Subscription:
		return g.schema.Subscription
	}
	return g.schema.Query
}

// selections measures a selection on a type, nil when there is no such type.
func (g *guard) selections(set ast.SelectionSet, parent *ast.Definition) (e extent) {
	for _, selection := range set {
		if g.err != nil {
			return e
		}
		g.steps++
		switch selection := selection.(type) {
		case *ast.Field:
			e.join(g.field(selection, parent))
		case *ast.InlineFragment:
			g.annotations(selection.Directives)
			e.join(g.selections(selection.SelectionSet, g.on(selection.TypeCondition, parent)).within())
		case *ast.FragmentSpread:
			g.annotations(selection.Directives)
			e.join(g.spread(selection).within())
		}
	}
	return e
}

func (g *guard) on(condition string, parent *ast.Definition) *ast.Definition {
	if condition == "" {
		return parent
	}
	return g.schema.Types[condition]
}

func (g *guard) field(field *ast.Field, parent *ast.Definition) extent {
	g.annotations(field.Directives)
	if values := g.arguments(field.Arguments); values > 0 {
		g.values[field] = values
	}
	var definition *ast.FieldDefinition
	if parent != nil {
		definition = parent.Fields.ForName(field.Name)
	}
	if definition == nil { // the rules will refuse it, unless it is __typename
		return g.selections(field.SelectionSet, nil).beneath(field, false)
	}
	inner := g.selections(field.SelectionSet, g.schema.Types[definition.Type.Name()])
	e := inner.beneath(field, definition.Type.Elem != nil)
	if strings.HasPrefix(definition.Type.Name(), "__") || strings.HasPrefix(parent.Name, "__") {
		return g.introspection(field, parent, inner, e)
	}
	return e
}

// spread measures the fragment that is spread; one that is not defined is for the rules to refuse.
func (g *guard) spread(spread *ast.FragmentSpread) extent {
	fragment := g.fragments[spread.Name]
	if fragment == nil {
		return extent{}
	}
	if e, begun := g.measured[fragment]; begun && e == nil {
		g.fail(cycleError(spread))
		return extent{}
	}
	return g.fragment(fragment)
}

// fragment measures a fragment, once.
func (g *guard) fragment(fragment *ast.FragmentDefinition) extent {
	if known := g.measured[fragment]; known != nil {
		return *known
	}
	g.measured[fragment] = nil
	g.annotations(fragment.Directives)
	for _, variable := range fragment.VariableDefinition { // which no schema knows, but the parser
		g.annotations(variable.Directives)
		g.value(variable.DefaultValue, 0)
	}
	e := g.selections(fragment.SelectionSet, g.schema.Types[fragment.TypeCondition])
	g.fail(atMost(maxNesting, e.nesting, "Selections may lie at most %d deep, fragments counted."))
	g.measured[fragment] = &e
	return e
}

// cycleError has the words of the rule that would have come to it.
func cycleError(spread *ast.FragmentSpread) error {
	err := gqlerror.ErrorPosf(spread.Position, `Cannot spread fragment "%s" within itself.`, spread.Name)
	errcode.Set(err, errcode.ValidationFailed)
	return err
}
