package graph_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph"
	"wisphub-graphql/isp"
)

// twins are two handlers over the same data. One writes answers directly, the other one never does.
type twins struct {
	*fixture
	generated http.Handler
	callers   []auth.User // with every set of scopes
	tokens    []string    // of the callers
	renew     time.Time   // when the tokens are replaced
	known     randomValues
	compared  uint64
	limited   uint64 // of these, answers that were not compared
}

// documentsOfSeed is how many documents a seed stands for. The engine of Go takes longer between two
// seeds than a document takes.
const documentsOfSeed = 40

// oddTexts need escapes, or look as if they did.
var oddTexts = []string{
	`"quoted" \ and / `, "tab\tline\nreturn\r\x00\x1f\x7f", "\u2028\u2029\ufeff", "a\xff\xc0b\xed\xa0\x80", "😀 Ñandú é", "<b>&amp;</b>", " ", "null",
}

// newTwins has clients and tickets with odd texts, some that lack values which others have, and plans
// whose details WispHub lacks or cannot tell. The data stays for days, and so does its budget.
func newTwins(t testing.TB) *twins {
	t.Helper()
	f := newFixture(t, fixtureConfig{
		clients: 30, maxCalls: 1 << 20, noIntrospection: true, inMemory: true, ttl: 100 * time.Hour,
		changeConfig: func(cfg *isp.Config) { cfg.StaleLimit = 200 * time.Hour },
		intercept: func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case !strings.HasPrefix(r.URL.Path, "/api/plan-internet/"):
			case strings.HasSuffix(r.URL.Path, "/1/"):
				http.NotFound(w, r)
				return true
			case strings.HasSuffix(r.URL.Path, "/2/"):
				_, _ = io.WriteString(w, "{}")
				return true
			}
			return false
		},
	})
	pair := &twins{fixture: f, known: randomValues{
		ids: []int{0, 1, 2, 3, 4, 9, 1 << 30}, texts: append([]string{"ana", "1", "Rionegro", ""}, oddTexts[4:]...),
	}}
	pair.putOddClients()
	pair.putOddTickets()
	last := pair.known.ids[len(pair.known.ids)-1]
	pair.known.nodes = append(pair.known.nodes, "plan:1", "plan:3", "zone:1", "staff:1", "router:1", "ticket:"+strconv.Itoa(last), "x:1", "client:999999", "")
	pair.setCallers(t)
	generated := f.newHandler(func(cfg *graph.Config) { cfg.GeneratedOnly = true })
	t.Cleanup(generated.Close)
	pair.generated = withRequestID(f.users.Authenticate(generated))
	warm := pair.ask(t, pair.handler, request{token: f.tokenFor(t, ana), body: operation(t, `{
		clients{nodes{serviceId} edges{cursor}} active:clients(filter:{status:[ACTIVE]}){edges{cursor}} tickets{nodes{client{name}} edges{cursor}}
		zones{name} staff{name} paymentMethods{name} ticketSubjects{name} plans{name type}}`, nil)})
	for _, cursor := range regexp.MustCompile(`"cursor":"([^"]+)"`).FindAllStringSubmatch(warm, -1) {
		pair.known.cursors = append(pair.known.cursors, cursor[1])
	}
	pair.known.cursors = append(pair.known.cursors, "", "x")
	if len(pair.known.cursors) < 30 {
		t.Fatalf("%d cursors of %s, want those of three lists", len(pair.known.cursors), warm)
	}
	return pair
}

// putOddClients writes odd texts into fields, and takes the same fields from other clients.
func (p *twins) putOddClients() {
	for i, id := range p.upstream.IDs()[:2*len(oddTexts)] {
		row := p.upstream.Row(id)
		for _, field := range []string{"nombre", "cedula", "direccion", "comentarios", "localidad", "ciudad", "email", "telefono"} {
			row[field] = oddTexts[i%len(oddTexts)]
			if i >= len(oddTexts) {
				delete(row, field)
			}
		}
		if i >= len(oddTexts) && i%2 == 0 {
			for _, field := range []string{"plan_internet", "zona", "router", "sectorial", "tecnico", "estado", "coordenadas", "fecha_instalacion", "saldo"} {
				row[field] = nil
			}
		}
		p.upstream.PutRow(row)
		p.known.ids = append(p.known.ids, id)
		p.known.nodes = append(p.known.nodes, "client:"+strconv.Itoa(id))
	}
}

func (p *twins) putOddTickets() {
	for i, id := range p.upstream.TicketIDs() {
		row := p.upstream.Ticket(id)
		row["asunto"], row["descripcion"] = oddTexts[i%len(oddTexts)], oddTexts[i%len(oddTexts)]
		if i%3 == 0 {
			for _, field := range []string{"descripcion", "tecnico", "departamento", "origen_reporte", "fecha_inicio", "fecha_final", "zona", "servicio"} {
				row[field] = nil
			}
		}
		p.upstream.PutTicket(row)
		p.known.ids = append(p.known.ids, id)
	}
}

// setCallers adds a caller for every set of scopes.
func (p *twins) setCallers(t testing.TB) {
	all := auth.AllScopes()
	for set := range 1 << len(all) {
		caller := auth.User{Username: "caller" + strconv.Itoa(set), PasswordHash: ana.PasswordHash}
		for i, scope := range all {
			if set>>i&1 == 1 {
				caller.Scopes = append(caller.Scopes, scope)
			}
		}
		p.callers = append(p.callers, caller)
	}
	p.setUsers(t, append(p.callers, ana, ben)...)
}

// token returns a valid token of a caller that the number chooses. Of eight callers, seven may read.
func (p *twins) token(t testing.TB, n uint64) string {
	if time.Now().After(p.renew) {
		p.renew, p.tokens = time.Now().Add(30*time.Minute), nil
		for _, caller := range p.callers {
			p.tokens = append(p.tokens, p.tokenFor(t, caller))
		}
	}
	n, refused := n/8, n%8 == 0
	for {
		caller := n % uint64(len(p.callers))
		if refused || slices.Contains(p.callers[caller].Scopes, auth.ScopeRead) {
			return p.tokens[caller]
		}
		n++
	}
}

// compare runs the documents of a seed.
func (p *twins) compare(t testing.TB, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 61))
	for range documentsOfSeed {
		asked := request{token: p.token(t, random.Uint64()), body: newRandomDocument(random.Uint64(), p.known).body()}
		p.compareAnswers(t, asked)
	}
	// A writer that leaves every operation to gqlgen must not pass. Each is asked twice.
	if answered, _ := p.graphql.DirectAnswers(); p.compared > 500 && answered < 2*p.compared/4 {
		t.Fatalf("%d of %d documents were answered directly, want a quarter", answered/2, p.compared)
	}
	if p.compared > 500 && p.limited > p.compared/10 {
		t.Fatalf("%d of %d documents met a limit, want a tenth at most", p.limited, p.compared)
	}
}

// compareAnswers asks the direct writer first, which makes the plan of the document. Then both answer
// at the same time.
func (p *twins) compareAnswers(t testing.TB, asked request) {
	t.Helper()
	answers := []string{p.ask(t, p.handler, asked), "", ""}
	var running sync.WaitGroup
	for i, handler := range []http.Handler{p.handler, p.generated} {
		running.Go(func() { answers[1+i] = p.ask(t, handler, asked) })
	}
	running.Wait()
	p.compared++
	if slices.ContainsFunc(answers, func(answer string) bool { return strings.Contains(answer, "RATE_LIMITED") }) {
		p.limited++ // by look-ups that found nothing; the limit depends on time
		return
	}
	if answers[0] != answers[2] || answers[1] != answers[2] {
		t.Fatalf("%s\nanswered directly:\n%s\nonce more:\n%s\nanswered by gqlgen:\n%s", asked.body, answers[0], answers[1], answers[2])
	}
}

func (p *twins) ask(t testing.TB, handler http.Handler, asked request) string {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, asked.build(t, "http://127.0.0.1/graphql"))
	return normalizedAnswer(t, w, asked)
}

// normalized returns the answer without what differs between two runs of gqlgen itself: the order of
// errors, and the rows in their paths.
func normalized(t testing.TB, handler http.Handler, asked request) string {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, asked.build(t, "http://127.0.0.1/graphql"))
	return normalizedAnswer(t, w, asked)
}

func normalizedAnswer(t testing.TB, w *httptest.ResponseRecorder, asked request) string {
	t.Helper()
	var decoded struct {
		Data   json.RawMessage
		Errors []map[string]any
	}
	if err := json.Unmarshal(w.Body.Bytes(), &decoded); err != nil {
		t.Errorf("%s = %q: %v", asked.body, w.Body, err)
		return w.Body.String()
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
		if one["message"] == "Unable to fetch plan data" {
			delete(one, "path") // of one of the plan's fields, that which ran first
		}
		errs = append(errs, fmt.Sprint(one))
	}
	slices.SortFunc(errs, cmp.Compare)
	return fmt.Sprintf("%d %q %s", w.Code, slices.Compact(errs), decoded.Data)
}

// All documents have the same answer, whichever handler writes it.
func FuzzDirect(f *testing.F) {
	pair := newTwins(f)
	for seed := range uint64(4) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { pair.compare(t, seed) })
}

// Random documents fit the schema, and most of them are answered directly.
func Test16_3_RandomDocuments(t *testing.T) {
	t.Parallel()
	pair := newTwins(t)
	for seed := range uint64(14) { // more than 500 documents
		pair.compare(t, seed<<32)
	}
	answered, dropped := pair.graphql.DirectAnswers()
	t.Logf("answered %d directly, dropped %d", answered, dropped)
}
