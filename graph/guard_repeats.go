package graph

import "github.com/vektah/gqlparser/v2/ast"

// maxComparisons bounds what the rule that fields of one name can be merged does, which compares all of them with all, once
// for each inline fragment around them, with all values of their arguments: some milliseconds.
const maxComparisons = 20_000

// checkRepeats refuses a name that is selected too often in one object of the answer, by whatever fragments. It comes when
// what the document unfolds to is known to be little, and looks at each selection of that once.
func (g *guard) checkRepeats(document *ast.QueryDocument) error {
	for _, operation := range document.Operations {
		g.repeats([]ast.SelectionSet{operation.SelectionSet}, 1)
	}
	for _, fragment := range document.Fragments {
		g.repeats([]ast.SelectionSet{fragment.SelectionSet}, 1)
	}
	g.fail(atMost(maxComparisons, g.comparisons, "The fields of the same names are too many to be compared: more than %d pairs."))
	return g.err
}

// namesakes are the fields of one object that have one name in the answer.
type namesakes struct {
	count  int
	times  int                // that each is compared
	values int                // at most, in the arguments of one, all of which are compared
	inside []ast.SelectionSet // of those that are objects
}

// repeats looks at the selections that make one object, whatever its type, and at what lies in that. Two of its fields are
// compared so many times, and once more for each inline fragment around them.
func (g *guard) repeats(sets []ast.SelectionSet, times int) {
	named := map[string]*namesakes{}
	for _, set := range sets {
		g.collect(set, times, named)
	}
	for _, fields := range named {
		g.comparisons = add(g.comparisons, fields.times*fields.count*(fields.count-1)/2*(1+fields.values))
		g.fail(atMost(g.limits.Repeats, fields.count, "One name may be selected at most %d times in one object."))
		if g.err != nil {
			return
		}
		if len(fields.inside) > 0 {
			g.repeats(fields.inside, fields.times)
		}
	}
}

// collect finds the fields of one object, by the names that they have in the answer.
func (g *guard) collect(set ast.SelectionSet, times int, named map[string]*namesakes) {
	for _, selection := range set {
		g.steps++
		switch selection := selection.(type) {
		case *ast.Field:
			g.collectField(selection, times, named)
		case *ast.InlineFragment:
			g.collect(selection.SelectionSet, times+1, named)
		case *ast.FragmentSpread:
			if fragment := g.fragments[selection.Name]; fragment != nil {
				g.collect(fragment.SelectionSet, times, named)
			}
		}
	}
}

func (g *guard) collectField(field *ast.Field, times int, named map[string]*namesakes) {
	fields := named[field.Alias]
	if fields == nil {
		fields = &namesakes{}
		named[field.Alias] = fields
	}
	fields.count++
	fields.times = max(fields.times, times)
	fields.values = max(fields.values, g.values[field])
	if len(field.SelectionSet) > 0 {
		fields.inside = append(fields.inside, field.SelectionSet)
	}
}
