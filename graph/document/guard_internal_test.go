package document

import (
	"maps"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"

	"wisphub-graphql/graph/document/documenttest"
)

// measure returns how many selections and values the guard looks at, how many comparisons it
// expects of validation, and whether it accepts the document.
func measure(text string) (steps, comparisons int, err error) {
	limits := Limits{}.orDefaults()
	document, parseErr := newTestReader(limits).parse(text)
	if parseErr != nil {
		return 0, 0, parseErr
	}
	g := newGuard(schema, limits, document)
	err = g.check(document)
	return g.steps, g.comparisons, err
}

// TestGuard_LinearEffort bounds the work of the guard, and the work that it leaves to validation. It
// counts steps, because times would vary.
func TestGuard_LinearEffort(t *testing.T) {
	t.Parallel()
	all := documenttest.Bombs()
	maps.Copy(all, documenttest.Permitted())
	for name, bomb := range all {
		steps, comparisons, err := measure(bomb.Document)
		if tokens := countTokens(bomb.Document); steps > tokens+2000 {
			t.Errorf("check(%s) = %d steps for %d tokens, want at most one a token and 2000", name, steps, tokens)
		}
		if err == nil && comparisons > maxComparisons {
			t.Errorf("check(%s) leaves %d comparisons to validation, want at most %d", name, comparisons, maxComparisons)
		}
	}
}

// TestGuard_Permitted checks that the documents just within the limits really are.
func TestGuard_Permitted(t *testing.T) {
	t.Parallel()
	for name, bomb := range documenttest.Permitted() {
		if _, _, err := measure(bomb.Document); err != nil {
			t.Errorf("check(%s) = %v, want no error", name, err)
		}
	}
}

func countTokens(document string) (tokens int) {
	source := lexer.New(&ast.Source{Input: document})
	for tokens < 3000 { // more than the limit
		token, err := source.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			break
		}
		tokens++
	}
	return tokens
}
