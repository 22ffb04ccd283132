package graph_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph"
	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub/wisphubtest"
)

// sharedQuestions are asked in random sequences. Each data set is in one of them.
var sharedQuestions = []string{
	`{clients(first:5){totalCount asOf nodes{serviceId name city status balance plan{name price clientCount} otherServices{serviceId}}}}`,
	`{clients{nodes{serviceId name document address city phones zone{name} technician{name username} router{name}} stats{totalDebt byPlan{plan{name} count}}}}`,
	`{clients(filter:{status:[ACTIVE]}){totalCount stats{byZone{count}}}}`,
	`{client(by:{serviceId:3}){name city status asOf zone{name} technician{name username}}}`,
	`{client(by:{serviceId:900}){name city}}`,
	`{client(by:{serviceId:3}){tickets(first:3){ticketId status subject}}}`,
	`{tickets(first:5){totalCount since asOf nodes{ticketId status priority subject client{name city} answers{text}}}}`,
	`{ticket(ticketId:500){ticketId status priority subject client{name} answers{text}}}`,
	`{zones{zoneId name}}`, `{plans{planId name price type clientCount}}`, `{plan(planId:1){name price downloadSpeed}}`,
	`{staff{name username}}`, `{paymentMethods{name}}`, `{ticketSubjects{name}}`,
	`{viewer{username scopes}}`, `{client(by:{serviceId:3}){account{owed}}}`, `{clients(after:"x"){totalCount}}`,
}

// sharedUsers ask them: ben and two have the same scopes. The last one has none.
var sharedUsers = []auth.User{
	ana, ben, named("carla", auth.ScopeRead), named("dora", auth.ScopeRead, auth.ScopeSupport), named("eva", auth.ScopeBilling), named("finn"),
}

func named(name string, scopes ...auth.Scope) auth.User {
	return auth.User{Username: name, PasswordHash: ana.PasswordHash, Scopes: scopes}
}

// clockSteps are shorter and longer than the life of an answer, of the data and of a token. Zero is
// just before the next midnight of the provider.
var clockSteps = []time.Duration{
	time.Millisecond, 300 * time.Millisecond, 999 * time.Millisecond, time.Second, 31 * time.Second, 3 * time.Minute, 40 * time.Minute, 0,
}

// sequence is a random sequence over a server that shares answers, and one that does not.
type sequence struct {
	*sharing
	t        *testing.T
	provider *isp.Provider
	tokens   map[string]string // by username
	changes  int
	slow     bool // operations take time
}

// newSequence returns one whose operations take time, or one that has the direct writer.
func newSequence(t *testing.T, slow bool) *sequence {
	cfg := fixtureConfig{clients: 12, tickets: 8, ttl: 2 * time.Minute, inMemory: true, maxCalls: 1 << 20}
	q := &sequence{sharing: &sharing{fixture: newFixture(t, cfg)}, t: t, tokens: map[string]string{}, slow: slow}
	q.setUsers(t, sharedUsers...)
	q.shared = q.newHandler(func(cfg *graph.Config) { cfg.SharedAnswerBytes, cfg.GeneratedOnly = 1<<20, slow })
	t.Cleanup(q.shared.Close)
	if slow {
		random := rand.New(rand.NewPCG(1, 2))
		var mu sync.Mutex
		q.shared.Delay(func() {
			mu.Lock()
			pause := []time.Duration{0, time.Millisecond, 7 * time.Millisecond, 400 * time.Millisecond}[random.IntN(4)]
			mu.Unlock()
			time.Sleep(pause)
		})
	}
	q.sharing.sharing = withRequestID(q.users.Authenticate(q.shared))
	q.provider = q.config.Provider
	return q
}

// run runs steps that two bytes each choose.
func (q *sequence) run(steps []byte) {
	for i := 0; i+1 < len(steps); i += 2 {
		q.step(steps[i], int(steps[i+1]))
	}
	time.Sleep(3 * time.Second) // for what runs in the background
}

func (q *sequence) step(what byte, n int) {
	switch what % 20 {
	case 0, 1:
		q.sleep(clockSteps[n%len(clockSteps)])
	case 2:
		q.write(q.updateCity(n, fmt.Sprintf("City %d", q.changes)))
	case 3:
		q.write(fmt.Sprintf(`mutation{%s(serviceIds:[%d]){task{id}}}`, []string{"activateClients", "suspendClients"}[n%2], q.serviceID(n)))
	case 4:
		q.write(fmt.Sprintf(`mutation{refresh(resource:%s){version}}`, []string{"CLIENTS", "PLANS", "TICKETS", "CATALOGUES"}[n%4]))
	case 5:
		q.writeTicket(n)
	case 6, 7:
		q.changeUpstream(n)
	case 8:
		q.changeSessions(n)
	case 9:
		q.askTogether(sharedQuestions[n%len(sharedQuestions)])
	case 10:
		q.askDuringWrite(n)
	default:
		q.ask(sharedQuestions[n%len(sharedQuestions)], n/len(sharedQuestions))
	}
}

func (q *sequence) sleep(step time.Duration) {
	if step == 0 {
		now := time.Now().In(bogota)
		step = time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, bogota).Sub(now) - 300*time.Millisecond
	}
	time.Sleep(max(step, 0))
}

func (q *sequence) serviceID(n int) int {
	ids := q.upstream.IDs()
	return ids[n%len(ids)]
}

func (q *sequence) updateCity(n int, city string) string {
	return fmt.Sprintf(`mutation{updateClient(input:{serviceId:%d city:%q}){client{city}}}`, q.serviceID(n), city)
}

// write sends a mutation through one of the two servers.
func (q *sequence) write(mutation string) {
	q.changes++
	q.say(q.changes%2 == 0, ana, operation(q.t, mutation, nil), 0)
}

func (q *sequence) writeTicket(n int) {
	ids := q.upstream.TicketIDs()
	id := ids[n%len(ids)]
	switch n % 3 {
	case 0:
		q.write(fmt.Sprintf(`mutation{updateTicket(input:{ticketId:%d priority:%s}){ticket{ticketId}}}`, id, []string{"LOW", "HIGH"}[q.changes%2]))
	case 1:
		q.write(fmt.Sprintf(`mutation{answerTicket(input:{ticketId:%d text:"Answer %d"}){ticket{ticketId}}}`, id, q.changes))
	case 2:
		q.write(fmt.Sprintf(`mutation{createTicket(input:{serviceId:%d subject:"Subject %d" description:"x"}){ticket{ticketId}}}`, q.serviceID(n), q.changes))
	}
}

// changeUpstream changes WispHub beside the facade, or lets it fail.
func (q *sequence) changeUpstream(n int) {
	q.changes++
	switch n % 7 {
	case 0:
		row := q.upstream.Row(q.serviceID(n))
		row["nombre"] = "Name " + strconv.Itoa(q.changes)
		q.upstream.PutRow(row)
	case 1:
		row := q.upstream.Row(q.serviceID(n))
		row["id_servicio"] = 900
		q.upstream.PutRow(row)
	case 2, 3:
		ids := q.upstream.TicketIDs()
		ticket := q.upstream.Ticket(ids[n%len(ids)])
		ticket["asunto"] = "Subject " + strconv.Itoa(q.changes)
		q.upstream.PutTicket(ticket)
	case 4:
		if q.upstream.RowCount() > 5 {
			q.upstream.DeleteRow(q.serviceID(n))
		}
	case 5:
		q.upstream.SetFaults(wisphubtest.Faults{Down: n%2 == 1, Latency: time.Duration(n%5) * 50 * time.Millisecond})
	case 6:
		q.upstream.SetFaults(wisphubtest.Faults{})
	}
}

// changeSessions ends sessions, or changes the scopes of a user.
func (q *sequence) changeSessions(n int) {
	user := sharedUsers[n%len(sharedUsers)]
	switch n % 5 {
	case 0:
		q.say(true, user, operation(q.t, `mutation{logout}`, nil), 0)
	case 1:
		q.write(fmt.Sprintf(`mutation{endSessions(username:%q)}`, user.Username))
	case 2:
		changed := append([]auth.User{}, sharedUsers...)
		changed[1].Scopes = []auth.Scope{auth.ScopeSupport}
		q.setUsers(q.t, changed...)
	case 3:
		q.setUsers(q.t, sharedUsers...)
	case 4:
		time.Sleep(time.Hour) // all tokens expire
	}
}

// unauthenticated is the end of a normalized answer to a token that is not valid.
const unauthenticated = `message:Could not validate credentials.]"] `

// say sends a body to the server that shares answers, or to the other one. It returns the answer
// without what differs between two runs. The form is one of several media types and encodings.
func (q *sequence) say(shares bool, user auth.User, body string, form int) string {
	token := q.tokens[user.Username]
	if token == "" {
		token = q.tokenFor(q.t, user)
		q.tokens[user.Username] = token
	}
	answer := q.send(shares, token, body, form)
	if !shares && strings.HasSuffix(answer, unauthenticated) {
		delete(q.tokens, user.Username) // the next one is new
	}
	return answer
}

func (q *sequence) send(shares bool, token, body string, form int) string {
	handler := q.handler
	if shares {
		handler = q.sharing.sharing
	}
	asked := request{token: token, body: body, accept: []string{"", "application/graphql-response+json"}[form%2]}
	r := asked.build(q.t, "http://127.0.0.1/graphql")
	if form/2%2 == 1 {
		r.Header.Set("Accept-Encoding", "gzip")
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if encoding := w.Header().Get("Content-Encoding"); encoding == "gzip" {
		if form/2%2 == 0 {
			q.t.Errorf("%s: the answer is compressed, want what the caller accepts", body)
		}
		w.Body = bytes.NewBuffer(unzip(q.t, w.Body.Bytes()))
	}
	return w.Header().Get("Content-Type") + " " + normalizedAnswer(q.t, w, asked)
}

// ask asks both servers in the same instant, and compares what they say. If the data changes meanwhile,
// because a question began a refresh, they are asked again.
func (q *sequence) ask(document string, n int) {
	body, user := operation(q.t, document, nil), sharedUsers[n%len(sharedUsers)]
	for i := range 4 {
		synctest.Wait()
		before, began := q.provider.DataVersion(), time.Now()
		shared := q.say(true, user, body, n+i)
		tookTime := time.Since(began) > 0
		plain := q.say(false, user, body, (n+i)%2)
		if q.provider.DataVersion() != before || tookTime && strings.HasSuffix(plain, unauthenticated) {
			continue // the token may have ended meanwhile
		}
		q.compare(document, shared, plain)
	}
}

func (q *sequence) compare(document, shared, plain string) {
	if shared != plain {
		q.t.Fatalf("%s\nwith shared answers:\n%s\nwithout:\n%s", document, shared, plain)
	}
}
