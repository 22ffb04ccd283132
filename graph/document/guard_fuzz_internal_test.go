package document

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// TestGuard_Expansion compares the guard with a slow expansion for the seeds of FuzzGuard.
func TestGuard_Expansion(t *testing.T) {
	t.Parallel()
	for _, document := range guardSeeds {
		compareGuard(t, document)
	}
}

var guardSeeds = []string{
	`{viewer{username}}`,
	`query A($a:Int@x){clients(first:$a){nodes{name plan{name}} edges{node{otherServices{name}}}}} query B{__typename}`,
	`{...F ...F} fragment F on Query{a:viewer{...V b:username} ...{viewer{...V}}} fragment V on Viewer{username @skip(if:true)}`,
	`{...A} fragment A on Query{...B} fragment B on Query{...A}`,
	`{...A} fragment A on Query{viewer{username}} fragment A on Query{viewer{...A}}`,
	`{...Unknown unknown{a{b}}} fragment Unused on Unknown{a a a}`,
	`{__schema{types{name fields{args{type{ofType{name}}}}}} __type(name:"a"){fields{type{fields{name}}}}}`,
	`{a:__schema{types{name}} __schema{directives{x:name}}}`,
	`mutation{login(username:"a",password:"b"){accessToken}} subscription{taskUpdated(taskId:"a"){status}}`,
	`{clients{nodes{` + strings.Repeat("...on Client{otherServices{", 5) + "name" + strings.Repeat("}}", 5) + `}}}`,
	`{clients{nodes{otherServices{name otherServices{tickets{id}}} tickets{client{a:name}}}}}`,
	`{` + strings.Repeat("__typename ", maxRootFields) + `}`,
	`{` + strings.Repeat("...{viewer{__typename}}", maxRootFields+1) + `}`,
	`{viewer{` + strings.Repeat("__typename ", maxRepeats) + `}}`,
	`{viewer{` + strings.Repeat("__typename ", maxRepeats+1) + `}}`,
	`{viewer{...V ...V ...V}} fragment V on Viewer{` + strings.Repeat("a:username ", maxAliases/3) + `}`,
	`{viewer{...V ...V ...V b:__typename}} fragment V on Viewer{` + strings.Repeat("a:username ", maxAliases/3) + `}`,
}

// FuzzGuard compares the guard with a slow expansion, for fuzzed documents, and for documents made
// of fuzzed bytes.
func FuzzGuard(f *testing.F) {
	for _, document := range guardSeeds {
		f.Add(document)
	}
	f.Fuzz(func(t *testing.T, text string) {
		compareGuard(t, text)
		compareGuard(t, documentOf([]byte(text)))
	})
}

// documentOf makes a document of any bytes: four fragments and an operation.
func documentOf(choices []byte) string {
	next := func() byte {
		if len(choices) == 0 {
			return 0
		}
		choice := choices[0]
		choices = choices[1:]
		return choice
	}
	var document strings.Builder
	for n := range 4 {
		fmt.Fprintf(&document, "fragment F%d on %s", n, []string{"Query", "Client", "__Type", "ClientConnection"}[n])
		writeSelections(&document, next, 4)
	}
	writeSelections(&document, next, 5)
	return document.String()
}

var fuzzedFields = []string{"clients", "nodes", "name", "otherServices", "a:name", "__schema", "types", "fields", "b:clients", "type", "__typename @skip(if:true)"}

func writeSelections(document *strings.Builder, next func() byte, maxDepth int) {
	document.WriteString("{__typename ")
	for range next() % 4 {
		switch choice := next(); {
		case choice < 60:
			fmt.Fprintf(document, "...F%d ", choice%5)
		case choice < 90 && maxDepth > 0:
			document.WriteString("...")
			writeSelections(document, next, maxDepth-1)
		default:
			document.WriteString(fuzzedFields[int(choice)%len(fuzzedFields)])
			if choice%3 > 0 && maxDepth > 0 {
				writeSelections(document, next, maxDepth-1)
			}
		}
	}
	document.WriteString("} ")
}

// compareGuard expects that the guard refuses exactly what the expanded document exceeds, and that
// its counts are those of the expanded document.
func compareGuard(t *testing.T, text string) {
	t.Helper()
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, 300)
	if err != nil {
		return
	}
	_ = newGuard(schema, Limits{}.orDefaults(), document).check(document) // must not panic
	slow := expansion{document: document}
	if !slow.run() {
		return
	}
	unlimited := Limits{saturated, saturated, saturated}
	g := newGuard(schema, unlimited, document)
	err = g.check(document)
	if slow.cyclic || slow.introspects || slow.nested || g.comparisons > maxComparisons ||
		g.directives > maxDirectives || len(document.Operations) > maxOperations {
		return // other limits are for these
	}
	exceeds := slow.aliases > maxAliases || slow.roots > maxRootFields || slow.lists > maxListDepth || slow.repeats > maxRepeats
	limit := (*LimitError)(nil)
	if exceeds != errors.As(err, &limit) || !exceeds && err != nil {
		t.Errorf("check(%s) = %v, want a limit error: %t", text, err, exceeds)
	}
	if exceeds {
		return
	}
	compareCounts(t, text, g, &slow)
	for name, setting := range map[string]struct {
		limit *int
		count int
	}{
		"depth":  {&unlimited.Depth, slow.depth},
		"fields": {&unlimited.Fields, slow.fields},
	} {
		before := *setting.limit
		for *setting.limit = max(0, setting.count-1); *setting.limit <= setting.count; *setting.limit++ {
			err := newGuard(schema, unlimited, document).check(document)
			if refused := errors.As(err, &limit); refused != (*setting.limit < setting.count) {
				t.Errorf("check(%s) with %s %d = %v, want a limit error below %d", text, name, *setting.limit, err, setting.count)
			}
		}
		*setting.limit = before
	}
}

// compareCounts compares the counts of the guard, which has accepted the document.
func compareCounts(t *testing.T, text string, g *guard, slow *expansion) {
	t.Helper()
	var total extent
	width := 0
	for _, operation := range slow.document.Operations {
		e := g.operation(operation)
		total.depth, total.lists = max(total.depth, e.depth), max(total.lists, e.lists)
		total.aliases, width = max(total.aliases, e.aliases), max(width, e.width)
	}
	got := []int{total.depth, total.lists, total.aliases, width, g.repeats}
	if want := []int{slow.depth, slow.lists, slow.aliases, slow.roots, slow.repeats}; !slices.Equal(got, want) {
		t.Errorf("depth, lists, aliases, root fields, repeats of %s = %v, want %v", text, got, want)
	}
}
