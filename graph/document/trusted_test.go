package document_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"wisphub-graphql/graph/document"
	"wisphub-graphql/graph/generated"
)

var schema = generated.NewExecutableSchema(generated.Config{}).Schema()

// newFolder returns files by name.
func newFolder(texts map[string]string) fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range texts {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func hashOf(text string) string {
	hash := sha256.Sum256([]byte(text))
	return hex.EncodeToString(hash[:])
}

const (
	viewer = "query Viewer {\n  viewer { username }\n}\n"
	plan   = `query($id:Int!){plan(planId:$id){planId}}`
)

// TestReadTrusted_Errors expects the first error of each invalid file.
func TestReadTrusted_Errors(t *testing.T) {
	t.Parallel()
	files := newFolder(map[string]string{
		"good.graphql": viewer, "a b.graphql": plan, "deep.graphql": `{clients{nodes{name}}}`, "empty.graphql": "",
		"field.graphql": "{\n unknown}", "large.graphql": plan + strings.Repeat(" ", 128<<10), "open.graphql": `{`,
		"two.graphql": `query A{__typename} query B{__typename}`, hashOf("") + ".graphql": plan, "types.graphql": `{__schema{types{name}}}`,
	})
	_, err := document.ReadTrusted(files, document.Config{Schema: schema, Limits: document.Limits{Depth: 2}})
	const name = "a name must have 1 to 128 letters, digits or characters of _.~-, but not exactly 64"
	want := strings.Join([]string{
		"a b.graphql: " + name,
		"deep.graphql: The query exceeds the maximum depth of 2.",
		hashOf("") + ".graphql: " + name,
		"empty.graphql: has 0 operations, want exactly one",
		`field.graphql: line 2: Cannot query field "unknown" on type "Query".`,
		"large.graphql: larger than 128 kB",
		"open.graphql: line 1: Expected Name, found <EOF>",
		"two.graphql: has 2 operations, want exactly one",
		"types.graphql: line 1: Introspection is switched off.",
	}, "\n")
	if err == nil || err.Error() != want {
		t.Errorf("ReadTrusted =\n%v\nwant\n%s", err, want)
	}
}

func TestReadTrusted_NumberOfFiles(t *testing.T) {
	t.Parallel()
	many := map[string]string{}
	for n := range 1001 {
		many[fmt.Sprintf("q%d.graphql", n)] = viewer
	}
	for name, files := range map[string]fstest.MapFS{"none": newFolder(nil), "too many": newFolder(many)} {
		if _, err := document.ReadTrusted(files, document.Config{Schema: schema, Introspection: true}); err == nil {
			t.Errorf("ReadTrusted(%s) = nil, want an error", name)
		}
	}
}

func TestTrusted_Text(t *testing.T) {
	t.Parallel()
	trusted, err := document.ReadTrusted(newFolder(map[string]string{"viewer.graphql": viewer}), document.Config{Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"viewer": viewer, hashOf(viewer): viewer, "sha256:" + hashOf(viewer): viewer,
		"": "", "viewer.graphql": "", "sha256:viewer": "", strings.ToUpper(hashOf(viewer)): "",
	} {
		if got := trusted.Text(id); got != want {
			t.Errorf("Text(%q) = %q, want %q", id, got, want)
		}
	}
	if got := (*document.Trusted)(nil).Text("viewer"); got != "" {
		t.Errorf("Text of a nil Trusted = %q, want none", got)
	}
}
