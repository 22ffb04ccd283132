package document

import "github.com/vektah/gqlparser/v2/ast"

// argumentsPlan is the part of an operation whose arguments a request must check. The rest is right
// whatever the variables are.
type argumentsPlan struct {
	selections ast.SelectionSet
	fragments  ast.FragmentDefinitionList
}

// arguments returns what of the operation must be checked, from memory if it can.
func (r *Reader) arguments(document *checkedDocument, operation *ast.OperationDefinition) *argumentsPlan {
	if document.plans == nil { // the plan would serve only once
		return &argumentsPlan{selections: operation.SelectionSet, fragments: document.tree.Fragments}
	}
	if known, ok := document.plans.load(operation, purposeArguments, 0).(*argumentsPlan); ok {
		return known
	}
	plan, bytes := r.planArguments(document.tree, operation)
	document.plans.store(operation, purposeArguments, 0, plan, bytes)
	return plan
}

// planArguments returns the plan of an operation and about how many bytes it takes.
func (r *Reader) planArguments(document *ast.QueryDocument, operation *ast.OperationDefinition) (*argumentsPlan, int) {
	p := &argumentsPlanner{
		argumentChecker: argumentChecker{coercer: r.newCoercer(), variables: map[string]any{}},
		fragments:       document.Fragments,
		planned:         map[string]*ast.FragmentDefinition{},
		bytes:           sizeOf[argumentsPlan](),
	}
	for _, definition := range operation.VariableDefinitions {
		if definition.Type.NonNull {
			p.variables[definition.Variable] = rightValue{}
		}
	}
	plan := &argumentsPlan{selections: p.selections(operation.SelectionSet)}
	for _, fragment := range p.planned {
		if len(fragment.SelectionSet) > 0 {
			plan.fragments = append(plan.fragments, fragment)
		}
	}
	return plan, p.bytes
}

// rightValue stands for the value of a variable that cannot be absent, null or wrong: variables are
// coerced before arguments.
type rightValue struct{}

// argumentsPlanner copies of a tree what an [argumentChecker] must look at with each request. It
// leaves out arguments that are right whatever the variables are, and what literals leave out.
type argumentsPlanner struct {
	argumentChecker
	fragments ast.FragmentDefinitionList
	planned   map[string]*ast.FragmentDefinition // those looked at
	bytes     int
}

func (p *argumentsPlanner) selections(selections ast.SelectionSet) (rest ast.SelectionSet) {
	for _, selection := range selections {
		if planned := p.selection(selection); planned != nil {
			rest = append(rest, planned)
			p.bytes += sizeOf[ast.Field]() + allocated(2*sizeOf[ast.Selection]())
		}
	}
	return rest
}

// selection returns what of a selection must be checked, nil for nothing.
func (p *argumentsPlanner) selection(selection ast.Selection) ast.Selection {
	directives := p.directives(directivesOf(selection))
	if !directives.included {
		if !directives.open {
			return nil
		}
		return &ast.InlineFragment{Directives: directives.rest} // one of them is wrong, or may be
	}
	switch selection := selection.(type) {
	case *ast.Field:
		return p.field(selection, directives)
	case *ast.InlineFragment:
		below := p.selections(selection.SelectionSet)
		if directives.open || len(below) > 0 {
			return &ast.InlineFragment{Directives: directives.rest, SelectionSet: below}
		}
	case *ast.FragmentSpread:
		if below := p.fragment(selection.Name).SelectionSet; len(below) > 0 {
			return &ast.FragmentSpread{Name: selection.Name, Directives: directives.rest}
		}
		if directives.open {
			return &ast.InlineFragment{Directives: directives.rest}
		}
	}
	return nil
}

func (p *argumentsPlanner) field(field *ast.Field, directives plannedDirectives) ast.Selection {
	var arguments ast.ArgumentList
	if field.Definition != nil {
		arguments = p.open(field.Definition.Arguments, field.Arguments)
	}
	below := p.selections(field.SelectionSet)
	if !directives.open && len(arguments)+len(below) == 0 {
		return nil
	}
	return &ast.Field{Definition: field.Definition, Directives: directives.rest, Arguments: arguments, SelectionSet: below}
}

// fragment returns what of a fragment must be checked. A fragment cannot contain itself.
func (p *argumentsPlanner) fragment(name string) *ast.FragmentDefinition {
	if known := p.planned[name]; known != nil {
		return known
	}
	planned := &ast.FragmentDefinition{Name: name, SelectionSet: p.selections(p.fragments.ForName(name).SelectionSet)}
	p.planned[name] = planned
	p.bytes += sizeOf[ast.FragmentDefinition]()
	return planned
}

func directivesOf(selection ast.Selection) ast.DirectiveList {
	switch selection := selection.(type) {
	case *ast.Field:
		return selection.Directives
	case *ast.InlineFragment:
		return selection.Directives
	case *ast.FragmentSpread:
		return selection.Directives
	}
	return nil
}

// plannedDirectives are the directives of a selection.
type plannedDirectives struct {
	rest     ast.DirectiveList // those that decide with each request
	open     bool              // the arguments of one may be wrong
	included bool              // no literal leaves the selection out
}

func (p *argumentsPlanner) directives(given ast.DirectiveList) plannedDirectives {
	planned := plannedDirectives{included: true}
	for _, directive := range given {
		open := len(p.open(directive.Definition.Arguments, directive.Arguments)) > 0
		decides := open || usesVariable(directive.Arguments)
		if !decides && p.includes(ast.DirectiveList{directive}) {
			continue
		}
		planned.rest = append(planned.rest, directive)
		planned.open = planned.open || open
		planned.included = planned.included && decides
		p.bytes += sizeOf[*ast.Directive]()
	}
	return planned
}

// open returns the arguments that may be wrong, whatever the reason.
func (p *argumentsPlanner) open(definitions ast.ArgumentDefinitionList, given ast.ArgumentList) (rest ast.ArgumentList) {
	for _, argument := range given {
		if !p.isRight(definitions.ForName(argument.Name).Type, argument.Value) {
			rest = append(rest, argument)
			p.bytes += sizeOf[*ast.Argument]()
		}
	}
	return rest
}

// isRight reports whether an argument is right whatever the variables are.
func (p *argumentsPlanner) isRight(kind *ast.Type, value *ast.Value) bool {
	if value.Kind == ast.Variable && !kind.NonNull {
		return true
	}
	if p.mayBeNull(value) {
		return false
	}
	p.errs = nil
	if literal, ok := p.literal(value, p.variables, nil); ok {
		p.value(kind, literal, nil)
	}
	right := len(p.errs) == 0
	p.errs = nil
	return right
}

// mayBeNull reports whether a value is or contains a variable that may be null or absent.
func (p *argumentsPlanner) mayBeNull(value *ast.Value) bool {
	if value.Kind == ast.Variable {
		return p.variables[value.Raw] == nil
	}
	for _, child := range value.Children {
		if p.mayBeNull(child.Value) {
			return true
		}
	}
	return false
}

func usesVariable(arguments ast.ArgumentList) bool {
	for _, argument := range arguments {
		if UsesVariable(argument.Value) {
			return true
		}
	}
	return false
}

// UsesVariable reports whether a value is or contains a variable.
func UsesVariable(value *ast.Value) bool {
	if value.Kind == ast.Variable {
		return true
	}
	for _, child := range value.Children {
		if UsesVariable(child.Value) {
			return true
		}
	}
	return false
}
