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
	trustedViewer = "query Viewer {\n  viewer { username }\n}\n"
	trustedPlan   = `query($id:Int!){plan(planId:$id){planId}}`
	trustedLogin  = `mutation Login($p:String!){login(username:"ana",password:$p){tokenType}}`
	trustedWatch  = `subscription($id:String!){taskUpdated(taskId:$id){status finished}}`
)

// newTrustedFixture trusts the documents above. Others run unless only is true.
func newTrustedFixture(t *testing.T, only bool) *fixture {
	t.Helper()
	trusted, err := document.ReadTrusted(newFolder(map[string]string{
		"viewer.graphql": trustedViewer, "plan.graphql": trustedPlan, "log-in.v2.graphql": trustedLogin, "watch.graphql": trustedWatch,
		"README.md": "no document",
	}), document.Config{Schema: graph.Schema(), Introspection: true})
	if err != nil {
		t.Fatal(err)
	}
	return newFixture(t, fixtureConfig{trusted: trusted, trustedOnly: only})
}

// byID returns the body of a request with the id of its document.
func byID(id, more string) string { return fmt.Sprintf(`{"documentId":%q%s}`, id, more) }

func TestTrusted_IDs(t *testing.T) {
	t.Parallel()
	const viewer = `{"viewer":{"username":"ana"}}`
	bodies := map[string]string{
		byID("viewer", ""):                                   viewer,
		byID("viewer", `,"operationName":"Viewer"`):          viewer,
		byID(hashOf(trustedViewer), ""):                      viewer,
		byID("sha256:"+hashOf(trustedViewer), ""):            viewer,
		byID("viewer", `,"query":""`):                        viewer,
		byID("plan", `,"variables":{"id":99999}`):            `{"plan":null}`,
		operation(t, trustedViewer, nil):                     viewer,
		byApolloHash(hashOf(trustedViewer), ""):              viewer,
		byApolloHash(hashOf(trustedViewer), `"query":null,`): viewer,
		operation(t, trustedPlan, map[string]any{"id": 99}):  `{"plan":null}`,
	}
	for _, only := range []bool{false, true} {
		f := newTrustedFixture(t, only)
		for body, want := range bodies {
			a := f.send(t, request{token: f.tokenFor(t, ana), body: body})
			wantJSON(t, body, string(a.Data), want)
		}
	}
}

// byApolloHash returns the body of a request with the hash of its document, as Apollo's clients send
// it.
func byApolloHash(hash, more string) string {
	return `{` + more + `"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}}`
}

func TestTrusted_UnknownIDs(t *testing.T) {
	t.Parallel()
	f := newTrustedFixture(t, false)
	for _, body := range []string{
		byID("viewer2", ""), byID("viewer.graphql", ""), byID("sha256:viewer", ""), byID("sha1:"+hashOf(trustedViewer), ""),
		byID(strings.ToUpper(hashOf(trustedViewer)), ""), byID("../viewer", ""), byApolloHash(hashOf("another"), ""),
	} {
		a := f.send(t, request{token: f.tokenFor(t, ana), body: body})
		wantError(t, body, a, "NOT_FOUND", "There is no trusted document with this id.")
		if a.status != http.StatusNotFound || a.Data != nil {
			t.Errorf("%s = %d %s, want 404 without data", body, a.status, a.body)
		}
		if anonymous := f.send(t, request{body: body}); anonymous.status != http.StatusUnauthorized {
			t.Errorf("%s without a token = %d, want 401", body, anonymous.status)
		}
	}
	without := newFixture(t, fixtureConfig{})
	a := without.send(t, request{token: without.tokenFor(t, ana), body: byID("viewer", "")})
	if a.status != http.StatusBadRequest {
		t.Errorf("an id without trusted documents = %d %s, want 400", a.status, a.body)
	}
}

// Other documents are refused even if they differ by one byte, except for a login alone.
func TestTrusted_Only(t *testing.T) {
	t.Parallel()
	const message = "Only trusted documents may run; send the documentId of one."
	f := newTrustedFixture(t, true)
	for _, document := range []string{
		`{viewer{username}}`, strings.TrimSpace(trustedViewer), trustedPlan + " ", `{__typename}`, `{`, `{unknown}`,
		`mutation{login(username:"a",password:"b"){accessToken} refresh(what:PLANS){asOf}}`,
	} {
		a := f.run(t, document)
		wantError(t, document, a, "FORBIDDEN", message)
		if a.status != http.StatusForbidden || a.Data != nil {
			t.Errorf("%s = %d %s, want 403 without data", document, a.status, a.body)
		}
	}
	for _, body := range []string{
		operation(t, `mutation{login(username:"ana",password:"`+password+`"){tokenType}}`, nil),
		byID("log-in.v2", `,"variables":{"p":"`+password+`"}`),
	} {
		wantJSON(t, "login", string(f.send(t, request{body: body}).Data), `{"login":{"tokenType":"bearer"}}`)
	}
}

// Events and WebSockets take document ids as POST does.
func TestTrusted_Streams(t *testing.T) {
	t.Parallel()
	f := newTrustedFixture(t, true)
	token := f.tokenFor(t, ana)
	variables := `,"variables":{"id":"00000000-0000-4000-8000-000000000001"}`
	stream := f.subscribe(t, request{token: token, body: byID("watch", variables)})
	if e := stream.next(); strings.Contains(e.data, "FORBIDDEN") || !strings.Contains(e.data, "taskUpdated") {
		t.Errorf("a trusted subscription as events = %q, want its task", e)
	}
	stream = f.subscribe(t, request{token: token, body: operation(t, taskSubscription("1"), nil)})
	stream.wantEvents(t, "a subscription that is not trusted",
		nextEvent(`{"errors":[{"message":"Only trusted documents may run; send the documentId of one.","extensions":{"code":"FORBIDDEN","requestId":"`+requestID+`"}}]}`),
		complete)
	socket := f.connect(t, token)
	socket.subscribe("1", taskSubscription("1"))
	socket.wantError("1", "FORBIDDEN", "")
	socket.send(`{"id":"2","type":"subscribe","payload":` + byID("unknown", "") + `}`)
	socket.wantError("2", "NOT_FOUND", "")
	socket.send(`{"id":"3","type":"subscribe","payload":` + byID("watch", variables) + `}`)
	if text := socket.next(); !strings.Contains(text, "taskUpdated") {
		t.Errorf("a trusted subscription over a socket = %s, want its task", text)
	}
}
