package document

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"wisphub-graphql/graph/document/documenttest"
)

// times repeats a text.
func times(count int, text string) string { return strings.Repeat(text, count) }

// limitTests has a case for each limit.
var limitTests = map[string]struct {
	limits  Limits
	limit   int
	with    func(count int) string // a document with so many
	message string
	invalid bool // within the limit, validation refuses the document for another reason
}{
	"depth": {Limits{Depth: 3}, 3,
		func(n int) string {
			return `{clients{...P}} fragment P on ClientConnection{nodes{...` + []string{3: `{name}`, 4: `{plan{name}}`}[n] + `}}`
		}, "The query exceeds the maximum depth of %d.", false},
	"default depth": {Limits{}, 10,
		func(n int) string { return times(n, "{unknown") + times(n, "}") }, "The query exceeds the maximum depth of %d.", true},
	"list depth": {Limits{}, 3,
		func(n int) string { return `{clients{nodes` + inlineServices(n-1) + `}` }, "The query exceeds the maximum depth of %d lists within lists.", false},
	"fields": {Limits{Fields: 7}, 7,
		func(n int) string {
			return `{viewer{...V} ...{viewer{username ` + times(n-7, "__typename") + `}}} fragment V on Viewer{username}`
		}, "The query exceeds the maximum of %d fields; those of a fragment count at each use.", false},
	"aliases": {Limits{}, 30,
		func(n int) string {
			return `{viewer{` + documenttest.Numbered("a%d:username ", n-20) + `...V ...V}} fragment V on Viewer{` + documenttest.Numbered("b%d:username ", 10) + `}`
		},
		"The query exceeds the maximum of %d aliases; those of a fragment count at each use.", false},
	"root fields": {Limits{}, 10,
		func(n int) string {
			return `{` + times(n-2, "__typename ") + `...Q} fragment Q on Query{facade{version} __typename}`
		},
		"The query exceeds the maximum of %d root fields.", false},
	"repeats": {Limits{}, 20,
		func(n int) string {
			return `{viewer{` + times(n-2, "username ") + ` a:username ...{username}} ...Q} fragment Q on Query{viewer{username}}`
		},
		"The query exceeds the maximum of %d fields with the same name in one object.", false},
	"directives": {Limits{}, 20,
		func(n int) string {
			return `{viewer{` + times(n/2, "username@skip(if:false)@include(if:true) ") + times(n%2, "username@skip(if:false)") + `}}`
		},
		"The query exceeds the maximum of %d directives.", false},
	"fragments": {Limits{}, 50,
		func(n int) string {
			fields := []string{"name", "document", "phone", "status", "balance"}
			document := `{client(by:{serviceId:1}){` + documenttest.Numbered("...F%d ", n) + `}}`
			for i := range n {
				document += fmt.Sprintf(" fragment F%d on Client{%s}", i, fields[i%len(fields)])
			}
			return document
		},
		"The query exceeds the maximum of %d fragments.", false},
	"operations": {Limits{}, 5,
		func(n int) string { return documenttest.Numbered("query Q%d{__typename} ", n) }, "The query exceeds the maximum of %d operations.", false},
	"tokens": {Limits{Tokens: 8}, 8,
		func(n int) string { return `{viewer{` + times(n-6, "username ") + `username}}` }, "The query exceeds the maximum of %d tokens.", false},
	"nesting": {Limits{}, 50,
		func(n int) string { return `{viewer` + times(n-2, "{...") + `{username}` + times(n-1, "}") }, nestingMessage, false},
	"value depth": {Limits{}, 10,
		func(n int) string { return `{clients(first:` + times(n, "[") + `1` + times(n, "]") + `){totalCount}}` },
		"The query exceeds the maximum depth of %d lists and objects within a value.", true},
}

// TestLimits_Bounds expects that a document exactly at a limit passes, and that one more is refused
// with the limit, also the second time.
func TestLimits_Bounds(t *testing.T) {
	t.Parallel()
	for name, tt := range limitTests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newTestReader(tt.limits)
			for count := tt.limit; count <= tt.limit+1; count++ {
				text := tt.with(count)
				for range 2 {
					_, errs := r.read(t.Context(), text)
					limit := (*LimitError)(nil)
					switch refused := len(errs) > 0 && errors.As(errs[0], &limit); {
					case refused != (count > tt.limit):
						t.Errorf("read(%s) = %v, want a limit error: %t", text, errs, count > tt.limit)
					case refused && limit.Message != fmt.Sprintf(tt.message, tt.limit):
						t.Errorf("read(%s) = %q, want %q", text, limit.Message, fmt.Sprintf(tt.message, tt.limit))
					case !refused && len(errs) > 0 && !tt.invalid:
						t.Errorf("read(%s) = %v, want no error", text, errs)
					}
				}
			}
		})
	}
}

// inlineServices returns a selection set with so many lists of other services in each other, and a
// name in the last.
func inlineServices(depth int) string {
	return times(depth, "{otherServices") + "{name}" + times(depth, "}") + "}"
}
