package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"wisphub-graphql/graph"
	"wisphub-graphql/graph/document"
)

// folder makes files of names and texts.
func folder(texts map[string]string) fstest.MapFS {
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
	trustedViewer = "query Viewer {\n  viewer { username }\n}\n"
	trustedPlan   = `query($id:Int!){plan(planId:$id){planId}}`
	trustedLogin  = `mutation Login($p:String!){login(username:"ana",password:$p){tokenType}}`
	trustedWatch  = `subscription($id:String!){taskUpdated(taskId:$id){status finished}}`
)

// newTrustedFace serves the documents above, and others unless only is true.
func newTrustedFace(t *testing.T, only bool) *face {
	t.Helper()
	trusted, err := document.ReadTrusted(folder(map[string]string{
		"viewer.graphql": trustedViewer, "plan.graphql": trustedPlan, "log-in.v2.graphql": trustedLogin, "watch.graphql": trustedWatch,
		"README.md": "no document",
	}), document.Config{Schema: graph.Schema(), Introspection: true})
	if err != nil {
		t.Fatal(err)
	}
	return newFace(t, faceConfig{trusted: trusted, trustedOnly: only})
}

// named is the body of a request that names its document.
func named(id, more string) string { return fmt.Sprintf(`{"documentId":%q%s}`, id, more) }

func TestTrustedDocumentsAreNamed(t *testing.T) {
	t.Parallel()
	const viewer = `{"viewer":{"username":"ana"}}`
	bodies := map[string]string{
		named("viewer", ""):                                 viewer,
		named("viewer", `,"operationName":"Viewer"`):        viewer,
		named(hashOf(trustedViewer), ""):                    viewer,
		named("sha256:"+hashOf(trustedViewer), ""):          viewer,
		named("viewer", `,"query":""`):                      viewer,
		named("plan", `,"variables":{"id":99999}`):          `{"plan":null}`,
		operation(t, trustedViewer, nil):                    viewer,
		apollo(hashOf(trustedViewer), ""):                   viewer,
		apollo(hashOf(trustedViewer), `"query":null,`):      viewer,
		operation(t, trustedPlan, map[string]any{"id": 99}): `{"plan":null}`,
	}
	for _, only := range []bool{false, true} {
		f := newTrustedFace(t, only)
		for body, want := range bodies {
			a := f.send(t, request{token: f.tokenOf(t, ana), body: body})
			wantJSON(t, body, string(a.Data), want)
		}
	}
}

// apollo is the body of a request as Apollo's clients name a document.
func apollo(hash, more string) string {
	return `{` + more + `"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}}`
}

func TestUnknownDocuments(t *testing.T) {
	t.Parallel()
	f := newTrustedFace(t, false)
	for _, body := range []string{
		named("viewer2", ""), named("viewer.graphql", ""), named("sha256:viewer", ""), named("sha1:"+hashOf(trustedViewer), ""),
		named(strings.ToUpper(hashOf(trustedViewer)), ""), named("../viewer", ""), apollo(hashOf("another"), ""),
	} {
		a := f.send(t, request{token: f.tokenOf(t, ana), body: body})
		wantError(t, body, a, "NOT_FOUND", "There is no trusted document with this id.")
		if a.status != http.StatusNotFound || a.Data != nil {
			t.Errorf("%s = %d %s, want 404 without data", body, a.status, a.body)
		}
		if stranger := f.send(t, request{body: body}); stranger.status != http.StatusUnauthorized {
			t.Errorf("%s of a stranger = %d, want 401", body, stranger.status)
		}
	}
	without := newFace(t, faceConfig{})
	a := without.send(t, request{token: without.tokenOf(t, ana), body: named("viewer", "")})
	if a.status != http.StatusBadRequest {
		t.Errorf("an id where no document is trusted = %d %s, want 400", a.status, a.body)
	}
}

// TestOnlyTrustedDocuments: others are refused, however little they differ, but for a login that stands alone.
func TestOnlyTrustedDocuments(t *testing.T) {
	t.Parallel()
	const message = "Only trusted documents may run; send the documentId of one."
	f := newTrustedFace(t, true)
	for _, document := range []string{
		`{viewer{username}}`, strings.TrimSpace(trustedViewer), trustedPlan + " ", `{__typename}`, `{`, `{nobody}`,
		`mutation{login(username:"a",password:"b"){accessToken} refresh(what:PLANS){asOf}}`,
	} {
		a := f.ask(t, document)
		wantError(t, document, a, "FORBIDDEN", message)
		if a.status != http.StatusForbidden || a.Data != nil {
			t.Errorf("%s = %d %s, want 403 without data", document, a.status, a.body)
		}
	}
	for _, body := range []string{
		operation(t, `mutation{login(username:"ana",password:"`+password+`"){tokenType}}`, nil),
		named("log-in.v2", `,"variables":{"p":"`+password+`"}`),
	} {
		wantJSON(t, "login", string(f.send(t, request{body: body}).Data), `{"login":{"tokenType":"bearer"}}`)
	}
}

// TestTrustedDocumentsOverStreams: they are named over events and sockets as they are over POST.
func TestTrustedDocumentsOverStreams(t *testing.T) {
	t.Parallel()
	f := newTrustedFace(t, true)
	token := f.tokenOf(t, ana)
	variables := `,"variables":{"id":"00000000-0000-4000-8000-000000000001"}`
	stream := f.subscribe(t, request{token: token, body: named("watch", variables)})
	if e := stream.next(); strings.Contains(e.data, "FORBIDDEN") || !strings.Contains(e.data, "taskUpdated") {
		t.Errorf("a trusted subscription as events = %q, want its task", e)
	}
	stream = f.subscribe(t, request{token: token, body: operation(t, watching("1"), nil)})
	stream.wantEvents(t, "a subscription that is not trusted",
		next(`{"errors":[{"message":"Only trusted documents may run; send the documentId of one.","extensions":{"code":"FORBIDDEN","requestId":"`+askedID+`"}}]}`),
		complete)
	socket := f.connect(t, token)
	socket.subscribe("1", watching("1"))
	socket.wantError("1", "FORBIDDEN", "")
	socket.send(`{"id":"2","type":"subscribe","payload":` + named("nobody", "") + `}`)
	socket.wantError("2", "NOT_FOUND", "")
	socket.send(`{"id":"3","type":"subscribe","payload":` + named("watch", variables) + `}`)
	if text := socket.next(); !strings.Contains(text, "taskUpdated") {
		t.Errorf("a trusted subscription over a socket = %s, want its task", text)
	}
}
