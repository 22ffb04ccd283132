package graph_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph"
)

// twins are two handlers over the same data. One writes answers directly, the other one never does.
type twins struct {
	*fixture
	generated http.Handler
	tokens    []string
	known     randomValues
	compared  atomic.Uint64
}

// oddTexts need escapes, or look as if they did.
var oddTexts = []string{
	`"quoted" \ and / `, "tab\tline\nreturn\r\x00\x1f\x7f", "\u2028\u2029\ufeff", "a\xff\xc0b\xed\xa0\x80", "😀 Ñandú é", "<b>&amp;</b>", " ", "null",
}

// newTwins has clients and tickets with odd texts, and some that lack values which others have.
func newTwins(t testing.TB) *twins {
	t.Helper()
	f := newFixture(t, fixtureConfig{clients: 30, maxCalls: 1 << 20, noIntrospection: true})
	known := randomValues{ids: []int{0, 1, 2, 3, 4, 9, 1 << 30}, texts: append([]string{"ana", "1", "Rionegro", ""}, oddTexts[4:]...)}
	for i, id := range f.upstream.IDs()[:2*len(oddTexts)] {
		row := f.upstream.Row(id)
		for _, field := range []string{"nombre", "cedula", "direccion", "comentarios", "localidad", "ciudad", "email", "telefono"} {
			row[field] = oddTexts[i%len(oddTexts)]
			if i >= len(oddTexts) {
				delete(row, field)
			}
		}
		f.upstream.PutRow(row)
		known.ids = append(known.ids, id)
		known.nodes = append(known.nodes, "client:"+strconv.Itoa(id))
	}
	for i, id := range f.upstream.TicketIDs() {
		row := f.upstream.Ticket(id)
		row["asunto"], row["descripcion"] = oddTexts[i%len(oddTexts)], oddTexts[i%len(oddTexts)]
		f.upstream.PutTicket(row)
		known.ids = append(known.ids, id)
	}
	known.nodes = append(known.nodes, "plan:1", "plan:3", "zone:1", "staff:1", "router:1", "ticket:"+strconv.Itoa(known.ids[len(known.ids)-1]), "x:1", "client:999999", "")
	pair := &twins{fixture: f, known: known}
	users := []auth.User{ana, ben}
	for _, scope := range auth.AllScopes() {
		users = append(users, auth.User{Username: string(scope), PasswordHash: ana.PasswordHash, Scopes: []auth.Scope{scope}})
	}
	f.setUsers(t, users...)
	for _, user := range users {
		pair.tokens = append(pair.tokens, f.tokenFor(t, user))
	}
	generated := f.newHandler(func(cfg *graph.Config) { cfg.GeneratedOnly = true })
	t.Cleanup(generated.Close)
	pair.generated = withRequestID(f.users.Authenticate(generated))
	f.data(t, `{clients{nodes{plan{price clientCount type} technician{username}}} tickets{totalCount nodes{client{name}}} plans{price} zones{name} staff{name} paymentMethods{name} ticketSubjects{name}}`)
	return pair
}

// compare sends the body to both handlers, as a user that the number chooses.
func (p *twins) compare(t testing.TB, body string, user uint64) {
	t.Helper()
	asked := request{token: p.tokens[user%uint64(len(p.tokens))], body: body}
	direct, generated := normalized(t, p.handler, asked), normalized(t, p.generated, asked)
	if direct != generated {
		t.Fatalf("%s\nanswered directly:\n%s\nanswered by gqlgen:\n%s", body, direct, generated)
	}
	// A writer that leaves every operation to gqlgen must not pass.
	answered, _ := p.graphql.DirectAnswers()
	if compared := p.compared.Add(1); compared > 500 && answered < compared/4 {
		t.Fatalf("%d of %d documents were answered directly, want a quarter", answered, compared)
	}
}

// normalized returns the answer without what differs between two runs of gqlgen itself: the order of
// errors, and the rows in their paths.
func normalized(t testing.TB, handler http.Handler, asked request) string {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, asked.build(t, "http://127.0.0.1/graphql"))
	var decoded struct {
		Data   json.RawMessage
		Errors []map[string]any
	}
	if err := json.Unmarshal(w.Body.Bytes(), &decoded); err != nil {
		t.Fatalf("%s = %q: %v", asked.body, w.Body, err)
	}
	if len(decoded.Errors) == 0 {
		return strconv.Itoa(w.Code) + " " + w.Body.String()
	}
	var errs []string
	for _, one := range decoded.Errors {
		path, _ := one["path"].([]any)
		for i := range path {
			if _, isRow := path[i].(float64); isRow {
				path[i] = "row"
			}
		}
		if extensions, ok := one["extensions"].(map[string]any); ok {
			delete(extensions, "retryAfter")
		}
		delete(one, "locations") // of one of the merged fields
		errs = append(errs, fmt.Sprint(one))
	}
	slices.SortFunc(errs, cmp.Compare)
	return fmt.Sprintf("%d %q %s", w.Code, slices.Compact(errs), decoded.Data)
}

// All documents have the same answer, whichever handler writes it.
func FuzzDirect(f *testing.F) {
	pair := newTwins(f)
	for seed := range uint64(50) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		pair.compare(t, newRandomDocument(seed, pair.known).body(), seed)
	})
}

// Random documents fit the schema, and most of them are answered directly.
func Test16_3_RandomDocuments(t *testing.T) {
	t.Parallel()
	pair := newTwins(t)
	for seed := range uint64(600) {
		pair.compare(t, newRandomDocument(seed, pair.known).body(), seed)
	}
	answered, dropped := pair.graphql.DirectAnswers()
	t.Logf("answered %d directly, dropped %d", answered, dropped)
}
