package graph

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"wisphub-graphql/auth"
)

// countingCache counts what is kept and what is found.
type countingCache struct {
	kept  map[string]*ast.QueryDocument
	added int
	found int
}

func (c *countingCache) Get(_ context.Context, key string) (*ast.QueryDocument, bool) {
	document, ok := c.kept[key]
	if ok {
		c.found++
	}
	return document, ok
}

func (c *countingCache) Add(_ context.Context, key string, document *ast.QueryDocument) {
	c.added++
	c.kept[key] = document
}

// TestCacheKeepsWhatPassed: a document is read once, and one that is refused is refused each time.
func TestCacheKeepsWhatPassed(t *testing.T) {
	t.Parallel()
	cache := &countingCache{kept: map[string]*ast.QueryDocument{}}
	d := newDocuments(Limits{Depth: 2}, false)
	d.cache = cache
	ctx := auth.NewContext(t.Context(), &auth.Caller{Username: "ana"})
	for range 3 {
		if _, errs := d.read(ctx, `{viewer{username}}`); errs != nil {
			t.Errorf("read = %v, want no error", errs)
		}
		for _, refused := range []string{`{clients{nodes{name}}}`, `{nobody}`, `{`, ``} {
			if _, errs := d.read(ctx, refused); len(errs) != 1 {
				t.Errorf("read(%s) = %v, want one error", refused, errs)
			}
		}
	}
	if cache.added != 1 || cache.found != 2 {
		t.Errorf("%d documents kept, %d found, want 1, 2", cache.added, cache.found)
	}
}

// TestCacheIsBounded: it keeps no long document, and none of strangers.
func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	cache := &countingCache{kept: map[string]*ast.QueryDocument{}}
	d := newDocuments(Limits{}, false)
	d.cache = cache
	caller := auth.NewContext(t.Context(), &auth.Caller{Username: "ana"})
	const login = `mutation{login(username:"a",password:"b"){accessToken}}`
	for _, tt := range []struct {
		name string
		ctx  context.Context
		text string
		kept int
	}{
		{"a stranger's", t.Context(), login, 0},
		{"a long one", caller, `{viewer{username}}#` + strings.Repeat("a", maxCached), 0},
		{"a caller's", caller, login, 1},
	} {
		document, errs := d.read(tt.ctx, tt.text)
		if document == nil || errs != nil || cache.added != tt.kept {
			t.Errorf("%s = %v, %v, and %d kept, want a document and %d kept", tt.name, document, errs, cache.added, tt.kept)
		}
	}
}

// TestFewErrorsArePutIntoWords: those that are not shown are not made.
func TestFewErrorsArePutIntoWords(t *testing.T) {
	t.Parallel()
	d := newDocuments(Limits{}, false)
	if _, errs := d.read(t.Context(), "query Q{clients(filter:{zoneId:["+strings.Repeat("$a ", 900)+"]}){totalCount}}"); len(errs) != maxErrors {
		t.Errorf("900 mistakes = %d errors, want %d", len(errs), maxErrors)
	}
}

// TestGuardAgreesWithUnfolding has what the fuzzing begins with.
func TestGuardAgreesWithUnfolding(t *testing.T) {
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
	`{...Nobody nobody{a{b}}} fragment Unused on Nobody{a a a}`,
	`{__schema{types{name fields{args{type{ofType{name}}}}}} __type(name:"a"){fields{type{fields{name}}}}}`,
	`{a:__schema{types{name}} __schema{directives{x:name}}}`,
	`mutation{login(username:"a",password:"b"){accessToken}} subscription{taskUpdated(taskId:"a"){status}}`,
	`{clients{nodes{` + strings.Repeat("...on Client{otherServices{", 5) + "name" + strings.Repeat("}}", 5) + `}}}`,
}

// FuzzGuard reads documents, and what random bytes make of fragments, and compares the guard with a slow unfolding.
func FuzzGuard(f *testing.F) {
	for _, document := range guardSeeds {
		f.Add(document)
	}
	f.Fuzz(func(t *testing.T, text string) {
		compareGuard(t, text)
		compareGuard(t, documentOf([]byte(text)))
	})
}

// documentOf makes a document of any bytes: four fragments, and an operation.
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
		writeSelection(&document, next, 4)
	}
	writeSelection(&document, next, 5)
	return document.String()
}

var fuzzedFields = []string{"clients", "nodes", "name", "otherServices", "a:name", "__schema", "types", "fields", "b:clients", "type", "__typename @skip(if:true)"}

func writeSelection(document *strings.Builder, next func() byte, room int) {
	document.WriteString("{__typename ")
	for range next() % 4 {
		switch choice := next(); {
		case choice < 60:
			fmt.Fprintf(document, "...F%d ", choice%5)
		case choice < 90 && room > 0:
			document.WriteString("...")
			writeSelection(document, next, room-1)
		default:
			document.WriteString(fuzzedFields[int(choice)%len(fuzzedFields)])
			if choice%3 > 0 && room > 0 {
				writeSelection(document, next, room-1)
			}
		}
	}
	document.WriteString("} ")
}

// compareGuard demands that each limit refuse exactly what the unfolded document exceeds.
func compareGuard(t *testing.T, text string) {
	t.Helper()
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, 300)
	if err != nil {
		return
	}
	_ = Limits{}.orDefaults().check(Schema(), document) // does not panic
	slow := unfolding{document: document}
	if !slow.run() {
		return
	}
	boundless := Limits{plenty, plenty, plenty, plenty, plenty, plenty, plenty, plenty, plenty, plenty}
	g := newGuard(Schema(), boundless, document)
	err = g.check(document)
	if slow.cyclic || slow.introspects || slow.nested || g.comparisons > maxComparisons {
		return // for which there are other limits
	}
	if err != nil {
		t.Errorf("%s: %v without limits", text, err)
	}
	for what, limit := range map[string]struct {
		of    func(*Limits) *int
		count int
	}{
		"depth":       {func(l *Limits) *int { return &l.Depth }, slow.depth},
		"fields":      {func(l *Limits) *int { return &l.Fields }, slow.fields},
		"aliases":     {func(l *Limits) *int { return &l.Aliases }, slow.aliases},
		"root fields": {func(l *Limits) *int { return &l.RootFields }, slow.roots},
		"lists":       {func(l *Limits) *int { return &l.ListDepth }, slow.lists},
		"repeats":     {func(l *Limits) *int { return &l.Repeats }, slow.repeats},
	} {
		limits := boundless
		*limit.of(&limits) = limit.count
		if err := limits.check(Schema(), document); err != nil {
			t.Errorf("%s: %d %s, refused at this limit: %v", text, limit.count, what, err)
		}
		*limit.of(&limits) = limit.count - 1
		tooMuch := (*limitError)(nil)
		if err := limits.check(Schema(), document); limit.count > 0 && !errors.As(err, &tooMuch) {
			t.Errorf("%s: %d %s, not refused at one less: %v", text, limit.count, what, err)
		}
	}
}

// unfolding follows every way through a document, fragments as often as they are spread, and remembers nothing.
type unfolding struct {
	document *ast.QueryDocument
	names    map[string]int // how often, by the way to them

	cyclic, introspects, nested                   bool
	depth, fields, aliases, roots, lists, repeats int
	operation                                     struct{ aliases, roots int }
	isOperation                                   bool
}

// run returns false for a document that unfolds to too much to be followed.
func (u *unfolding) run() bool {
	schema := Schema()
	for _, fragment := range u.document.Fragments {
		u.names, u.isOperation = map[string]int{}, false
		u.follow(place{fragments: []*ast.FragmentDefinition{fragment}, parent: schema.Types[fragment.TypeCondition]}, fragment.SelectionSet)
	}
	for _, operation := range u.document.Operations {
		u.names, u.isOperation = map[string]int{}, true
		u.operation.aliases, u.operation.roots = 0, 0
		parent := map[ast.Operation]*ast.Definition{ast.Query: schema.Query, ast.Mutation: schema.Mutation, ast.Subscription: schema.Subscription}
		u.follow(place{parent: parent[operation.Operation]}, operation.SelectionSet)
		u.aliases, u.roots = max(u.aliases, u.operation.aliases), max(u.roots, u.operation.roots)
	}
	return u.fields < 500
}

// place is where in an answer a selection lies.
type place struct {
	path      string
	parent    *ast.Definition
	depth     int
	nesting   int
	lists     int
	fragments []*ast.FragmentDefinition
}

func (u *unfolding) follow(at place, set ast.SelectionSet) {
	for _, selection := range set {
		if u.fields++; u.fields > 500 || u.cyclic {
			return
		}
		inner := at
		inner.nesting++
		u.nested = u.nested || inner.nesting > maxNesting
		switch selection := selection.(type) {
		case *ast.Field:
			u.field(inner, selection)
		case *ast.InlineFragment:
			if selection.TypeCondition != "" {
				inner.parent = Schema().Types[selection.TypeCondition]
			}
			u.follow(inner, selection.SelectionSet)
		case *ast.FragmentSpread:
			fragment := u.document.Fragments.ForName(selection.Name)
			if fragment == nil {
				continue
			}
			if u.cyclic = slices.Contains(at.fragments, fragment); u.cyclic {
				return
			}
			inner.fragments = append(slices.Clone(at.fragments), fragment)
			inner.parent = Schema().Types[fragment.TypeCondition]
			u.follow(inner, fragment.SelectionSet)
		}
	}
}

func (u *unfolding) field(at place, field *ast.Field) {
	at.path += "." + field.Alias
	u.names[at.path]++
	u.repeats = max(u.repeats, u.names[at.path])
	if at.depth++; u.isOperation {
		u.depth = max(u.depth, at.depth)
		if at.depth == 1 {
			u.operation.roots++
		}
		if field.Alias != field.Name {
			u.operation.aliases++
		}
	}
	var definition *ast.FieldDefinition
	if at.parent != nil {
		definition = at.parent.Fields.ForName(field.Name)
	}
	at.parent = nil
	if definition != nil {
		at.parent = Schema().Types[definition.Type.Name()]
		u.introspects = u.introspects || strings.HasPrefix(at.parent.Name, "__")
		if definition.Type.Elem != nil && len(field.SelectionSet) > 0 {
			at.lists++
		}
	}
	if u.isOperation {
		u.lists = max(u.lists, at.lists)
	}
	u.follow(at, field.SelectionSet)
}
