package document

import "github.com/vektah/gqlparser/v2/ast"

// maxComparisons bounds the work of the rule that fields of one name must be mergeable: a few
// milliseconds. The rule compares such fields in pairs, with all values of their arguments, once
// for each inline fragment around them.
const maxComparisons = 20_000

// checkRepeats refuses a name that is selected too often in one object of the response. It expands
// fragments, so the number of expanded fields must have been checked before.
func (g *guard) checkRepeats(document *ast.QueryDocument) error {
	for _, operation := range document.Operations {
		g.object([]ast.SelectionSet{operation.SelectionSet}, 1)
	}
	for _, fragment := range document.Fragments {
		g.object([]ast.SelectionSet{fragment.SelectionSet}, 1)
	}
	g.fail(checkLimit(maxComparisons, g.comparisons, "The query exceeds the maximum of %d pairs of fields with the same name."))
	return g.err
}

// sameName are the fields of one object that have the same name in the response.
type sameName struct {
	count  int
	times  int                // how often validation compares each pair
	values int                // the maximum number of values in the arguments of one field
	inner  []ast.SelectionSet // of those fields that are objects
}

// object checks the selection sets that make one object of the response, and the objects below it.
// Validation compares each pair of fields as often as times says, and once more for each inline
// fragment around them.
func (g *guard) object(sets []ast.SelectionSet, times int) {
	byName := map[string]*sameName{}
	for _, set := range sets {
		g.collect(set, times, byName)
	}
	for _, fields := range byName {
		g.repeats = max(g.repeats, fields.count)
		g.comparisons = add(g.comparisons, fields.times*fields.count*(fields.count-1)/2*(1+fields.values))
		g.fail(checkLimit(maxRepeats, fields.count, "The query exceeds the maximum of %d fields with the same name in one object."))
		if g.err != nil {
			return
		}
		if len(fields.inner) > 0 {
			g.object(fields.inner, fields.times)
		}
	}
}

// collect groups the fields of one object by their names in the response.
func (g *guard) collect(set ast.SelectionSet, times int, byName map[string]*sameName) {
	for _, selection := range set {
		g.steps++
		switch selection := selection.(type) {
		case *ast.Field:
			g.collectField(selection, times, byName)
		case *ast.InlineFragment:
			g.collect(selection.SelectionSet, times+1, byName)
		case *ast.FragmentSpread:
			if fragment := g.fragments[selection.Name]; fragment != nil {
				g.collect(fragment.SelectionSet, times, byName)
			}
		}
	}
}

func (g *guard) collectField(field *ast.Field, times int, byName map[string]*sameName) {
	fields := byName[field.Alias]
	if fields == nil {
		fields = &sameName{}
		byName[field.Alias] = fields
	}
	fields.count++
	fields.times = max(fields.times, times)
	fields.values = max(fields.values, g.values[field])
	if len(field.SelectionSet) > 0 {
		fields.inner = append(fields.inner, field.SelectionSet)
	}
}
