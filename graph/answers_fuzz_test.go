package graph_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/isp"
)

// sharedQuestions are asked in random sequences. Each data set is in one of them.
var sharedQuestions = []string{
	`{clients(first:5){totalCount nodes{serviceId name city status balance plan{name price clientCount} otherServices{serviceId}}}}`,
	`{clients(filter:{status:[ACTIVE]}){totalCount stats{byZone{count}}}}`,
	`{client(by:{serviceId:3}){name city status zone{name} technician{name username}}}`,
	`{client(by:{serviceId:900}){name city}}`,
	`{client(by:{serviceId:3}){tickets(first:3){ticketId status subject}}}`,
	`{tickets(first:5){totalCount nodes{ticketId status subject client{name} answers{text}}}}`,
	`{zones{zoneId name}}`, `{plans{planId name price type}}`, `{plan(planId:1){name price downloadSpeed}}`,
	`{staff{name username}}`, `{paymentMethods{name}}`, `{ticketSubjects{name}}`, `{routers{name}}`,
	`{viewer{username}}`, `{client(by:{serviceId:3}){account{owed}}}`, `{clients(after:"x"){totalCount}}`,
}

// clockSteps are shorter and longer than the life of an answer, and than that of the data.
var clockSteps = []time.Duration{time.Millisecond, 300 * time.Millisecond, 999 * time.Millisecond, time.Second, 31 * time.Second, 3 * time.Minute, 40 * time.Minute}

// sequence is a random sequence over a server that shares answers, and one that does not.
type sequence struct {
	*sharing
	t        *testing.T
	provider *isp.Provider
	tokens   []string
	expires  time.Time
	changes  int
}

func newSequence(t *testing.T) *sequence {
	q := &sequence{sharing: newSharing(t, fixtureConfig{clients: 12, tickets: 8, ttl: 2 * time.Minute}), t: t}
	q.provider = q.config.Provider
	return q
}

// step runs a step that two bytes choose.
func (q *sequence) step(what, which byte) {
	n := int(which)
	switch what % 12 {
	case 0:
		time.Sleep(clockSteps[n%len(clockSteps)])
	case 1:
		q.write(fmt.Sprintf(`mutation{updateClient(input:{serviceId:%d city:"City %d"}){client{city}}}`, 1+n%4, q.changes))
	case 2:
		q.write(fmt.Sprintf(`mutation{%s(serviceIds:[%d]){task{id}}}`, []string{"activateClients", "suspendClients"}[n%2], 1+n%4))
	case 3:
		q.write(fmt.Sprintf(`mutation{refresh(resource:%s){version}}`, []string{"CLIENTS", "PLANS", "TICKETS", "CATALOGUES"}[n%4]))
	case 4:
		q.changeUpstream(n)
	case 5:
		ids := q.upstream.TicketIDs()
		q.write(fmt.Sprintf(`mutation{updateTicket(input:{ticketId:%d priority:%s}){ticket{ticketId}}}`, ids[n%len(ids)], []string{"LOW", "HIGH"}[q.changes%2]))
	default:
		q.ask(sharedQuestions[n%len(sharedQuestions)], n/len(sharedQuestions))
	}
}

// write sends a mutation at an instant of its own.
func (q *sequence) write(mutation string) {
	time.Sleep(time.Millisecond)
	q.changes++
	q.post(q.t, ana, operation(q.t, mutation, nil))
	time.Sleep(time.Millisecond)
}

// changeUpstream changes WispHub beside the facade.
func (q *sequence) changeUpstream(n int) {
	q.changes++
	ids := q.upstream.IDs()
	switch n % 3 {
	case 0:
		row := q.upstream.Row(ids[n%len(ids)])
		row["nombre"] = "Name " + strconv.Itoa(q.changes)
		q.upstream.PutRow(row)
	case 1:
		row := q.upstream.Row(ids[0])
		row["id_servicio"] = 900
		q.upstream.PutRow(row)
	case 2:
		ticket := q.upstream.Ticket(q.upstream.TicketIDs()[0])
		ticket["asunto"] = "Subject " + strconv.Itoa(q.changes)
		q.upstream.PutTicket(ticket)
	}
}

// ask asks both servers in the same instant, and compares what they say. If the data changes meanwhile,
// because a question began a refresh, they are asked again.
func (q *sequence) ask(document string, user int) {
	asked := request{token: q.token(user), body: operation(q.t, document, nil)}
	for range 4 {
		synctest.Wait()
		before := q.provider.DataVersion()
		handlers := []http.Handler{q.sharing.sharing, q.handler}
		shared := normalized(q.t, handlers[0], asked)
		plain := normalized(q.t, handlers[1], asked)
		if q.provider.DataVersion() != before {
			continue
		}
		if shared != plain {
			q.t.Fatalf("%s\nwith shared answers:\n%s\nwithout:\n%s", document, shared, plain)
		}
	}
}

// token returns a token of one of two users, which is renewed in time.
func (q *sequence) token(user int) string {
	if time.Now().After(q.expires) {
		q.expires = time.Now().Add(30 * time.Minute)
		q.tokens = []string{q.tokenFor(q.t, ana), q.tokenFor(q.t, ben)}
	}
	return q.tokens[user%2]
}

// FuzzSharedAnswers runs random sequences of writes, refreshes, changes at WispHub, steps of the clock
// and questions. A server with shared answers never says what one without would not.
func FuzzSharedAnswers(f *testing.F) {
	f.Add([]byte{6, 0, 6, 0, 1, 0, 6, 0, 0, 3, 6, 0})
	f.Add([]byte{6, 2, 1, 2, 6, 2, 1, 2, 6, 2, 4, 0, 3, 0, 6, 2, 6, 18})
	f.Add([]byte{6, 5, 6, 5, 5, 0, 6, 5, 4, 2, 3, 2, 6, 5, 0, 4, 6, 5, 6, 4})
	f.Add([]byte{6, 3, 4, 1, 6, 3, 0, 4, 6, 3, 6, 3, 2, 0, 6, 1})
	f.Add([]byte{6, 13, 6, 29, 6, 14, 6, 15, 6, 7, 6, 8, 0, 6, 6, 7, 6, 8, 3, 1, 6, 7})
	f.Fuzz(func(t *testing.T, steps []byte) {
		synctest.Test(t, func(t *testing.T) {
			q := newSequence(t)
			for i := 0; i+1 < min(len(steps), 80); i += 2 {
				q.step(steps[i], steps[i+1])
			}
		})
	})
}
