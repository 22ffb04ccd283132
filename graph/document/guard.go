package document

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/graph/errcode"
)

// guard checks a document against the limits before gqlparser validates it. Validation compares
// fields in pairs and follows fragments from each use, which can take minutes for a kilobyte. The
// guard looks at each selection once. If the limits hold, the fragments expand to a bounded number
// of selections, and the guard looks at each of those once.
type guard struct {
	schema     *ast.Schema
	limits     Limits
	fragments  map[string]*ast.FragmentDefinition
	measured   map[*ast.FragmentDefinition]*extent // nil while the fragment is being measured
	values     map[*ast.Field]int                  // number of values in the arguments
	directives int
	// comparisons is the maximum number that validation will make.
	comparisons int
	steps       int // selections and values looked at, for tests
	repeats     int // the maximum found, for tests
	err         error
}

func newGuard(schema *ast.Schema, limits Limits, document *ast.QueryDocument) *guard {
	g := &guard{
		schema:    schema,
		limits:    limits,
		fragments: make(map[string]*ast.FragmentDefinition, len(document.Fragments)),
		measured:  make(map[*ast.FragmentDefinition]*extent, len(document.Fragments)),
		values:    map[*ast.Field]int{},
	}
	for _, fragment := range slices.Backward(document.Fragments) { // of equal names gqlparser takes the first
		g.fragments[fragment.Name] = fragment
	}
	return g
}

// check returns why the document must not be validated, or nil.
func (g *guard) check(document *ast.QueryDocument) error {
	if err := cmp.Or(
		checkLimit(maxOperations, len(document.Operations), "The query exceeds the maximum of %d operations."),
		checkLimit(maxFragments, len(document.Fragments), "The query exceeds the maximum of %d fragments."),
	); err != nil {
		return err
	}
	fields := 0
	for _, fragment := range document.Fragments { // also unused ones: they are validated, too
		fields = add(fields, g.fragment(fragment).fields)
	}
	for _, operation := range document.Operations {
		fields = add(fields, g.operation(operation).fields)
	}
	if g.err != nil {
		return g.err
	}
	if err := cmp.Or(
		checkLimit(maxDirectives, g.directives, "The query exceeds the maximum of %d directives."),
		checkLimit(g.limits.Fields, fields, "The query exceeds the maximum of %d fields; those of a fragment count at each use."),
	); err != nil {
		return err
	}
	return g.checkRepeats(document)
}

// fail records an error unless there is one already.
func (g *guard) fail(err error) { g.err = cmp.Or(g.err, err) }

// operation measures an operation and checks its limits.
func (g *guard) operation(operation *ast.OperationDefinition) extent {
	g.checkDirectives(operation.Directives)
	for _, variable := range operation.VariableDefinitions {
		g.checkDirectives(variable.Directives)
		g.countValues(variable.DefaultValue, 0)
	}
	e := g.selections(operation.SelectionSet, g.root(operation.Operation))
	g.fail(cmp.Or(
		checkLimit(maxNesting, e.nesting, nestingMessage),
		checkLimit(g.limits.Depth, e.depth, "The query exceeds the maximum depth of %d."),
		checkLimit(maxListDepth, e.lists, "The query exceeds the maximum depth of %d lists within lists."),
		checkLimit(maxAliases, e.aliases, "The query exceeds the maximum of %d aliases; those of a fragment count at each use."),
		checkLimit(maxRootFields, e.width, "The query exceeds the maximum of %d root fields."),
		checkLimit(maxSchemas, e.schemas, "The query exceeds the maximum of %d __schema field."),
	))
	return e
}

const nestingMessage = "The query exceeds the maximum depth of %d fields and fragments."

func (g *guard) root(kind ast.Operation) *ast.Definition {
	switch kind {
	case ast.Mutation:
		return g.schema.Mutation
	case ast.Subscription:
		return g.schema.Subscription
	}
	return g.schema.Query
}

// selections measures a selection set on a type. The type is nil if the schema does not have it.
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
			g.checkDirectives(selection.Directives)
			e.join(g.selections(selection.SelectionSet, g.typeOf(selection, parent)).inFragment())
		case *ast.FragmentSpread:
			g.checkDirectives(selection.Directives)
			e.join(g.spread(selection).inFragment())
		}
	}
	return e
}

func (g *guard) typeOf(fragment *ast.InlineFragment, parent *ast.Definition) *ast.Definition {
	if fragment.TypeCondition == "" {
		return parent
	}
	return g.schema.Types[fragment.TypeCondition]
}

func (g *guard) field(field *ast.Field, parent *ast.Definition) extent {
	g.checkDirectives(field.Directives)
	if values := g.checkArguments(field.Arguments); values > 0 {
		g.values[field] = values
	}
	var definition *ast.FieldDefinition
	if parent != nil {
		definition = parent.Fields.ForName(field.Name)
	}
	if definition == nil { // __typename, or a field that validation will refuse
		return g.selections(field.SelectionSet, nil).inField(field, false)
	}
	inner := g.selections(field.SelectionSet, g.schema.Types[definition.Type.Name()])
	e := inner.inField(field, definition.Type.Elem != nil)
	if strings.HasPrefix(definition.Type.Name(), "__") || strings.HasPrefix(parent.Name, "__") {
		return g.introspection(field, parent, inner, e)
	}
	return e
}

// spread measures the fragment that is spread. Validation refuses a fragment that is not defined.
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
	g.checkDirectives(fragment.Directives)
	for _, variable := range fragment.VariableDefinition { // only the parser knows these
		g.checkDirectives(variable.Directives)
		g.countValues(variable.DefaultValue, 0)
	}
	e := g.selections(fragment.SelectionSet, g.schema.Types[fragment.TypeCondition])
	g.fail(checkLimit(maxNesting, e.nesting, nestingMessage))
	g.measured[fragment] = &e
	return e
}

// cycleError has the message of gqlparser's rule, which would have found the cycle later.
func cycleError(spread *ast.FragmentSpread) error {
	err := gqlerror.ErrorPosf(spread.Position, `Cannot spread fragment "%s" within itself.`, spread.Name)
	setCode(err, errcode.ValidationFailed)
	return err
}
