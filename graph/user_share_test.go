package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"wisphub-graphql/auth"
)

// ask runs a document as a user.
func (f *fixture) ask(t *testing.T, user auth.User, document string) *answer {
	t.Helper()
	return f.send(t, request{token: f.tokenFor(t, user), body: operation(t, document, nil)})
}

// A read-only user sends ten operations of 20 accounts each. It gets a third of what reads have, and
// is told why it gets no more. Another user's account and ping go at once.
func Test15_8_GreedyReader(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{clients: 300})
	f.warmUp(t) // by ana: another user asks
	before := f.upstream.Total()
	ids, refused, after := f.upstream.IDs(), 0, ""
	for range 10 {
		got := f.ask(t, ben, fmt.Sprintf("{clients(first:20 after:%q){nodes{account{owed}} pageInfo{endCursor}}}", after))
		var data struct {
			Clients struct{ PageInfo struct{ EndCursor string } }
		}
		if err := json.Unmarshal(got.Data, &data); err != nil {
			t.Fatalf("answer = %d %s, want data beside the errors", got.status, got.body)
		}
		after = data.Clients.PageInfo.EndCursor
		for _, wrong := range got.Errors {
			refused++
			if wrong.Extensions.Code != "RATE_LIMITED" || wrong.Extensions.RetryAfter < 30 || !strings.Contains(wrong.Message, "your share") {
				t.Fatalf("error = %+v, want RATE_LIMITED because of the share, with retryAfter", wrong)
			}
		}
	}
	if spent := f.upstream.Total() - before; spent != 30 || refused < 8 {
		t.Errorf("the reader's calls = %d, errors = %d, want 30, and an error in each operation after the second", spent, refused)
	}
	f.data(t, fmt.Sprintf("{client(by:{serviceId:%d}){account{owed}}}", ids[250]))
	f.data(t, fmt.Sprintf("mutation{pingClient(serviceId:%d){task{id}}}", ids[250]))
}

// A user sees what it has spent. An ADMIN sees all users.
func Test15_8_FacadeUsers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.warmUp(t)
	account := fmt.Sprintf("{client(by:{serviceId:%d}){account{owed}}}", f.upstream.IDs()[0])
	if got := f.ask(t, ben, account); len(got.Errors) > 0 {
		t.Fatalf("%s = %s, want data", account, got.body)
	}
	f.ask(t, ben, `{ticket(ticketId:800000){id}}`)
	type row struct {
		Username                                               string
		RequestsLastMinute, RequestsLastHour, NotFoundLastHour int
	}
	own := row{"ben", 2, 2, 1}
	for _, test := range []struct {
		user auth.User
		want []row
	}{
		{ben, []row{own}},
		{ana, []row{own, {Username: "ana"}}},
	} {
		got := f.ask(t, test.user, `{facade{userMinuteLimit userHourLimit
			users{username requestsLastMinute requestsLastHour notFoundLastHour}}}`)
		var data struct {
			Facade struct {
				UserMinuteLimit, UserHourLimit int
				Users                          []row
			}
		}
		if err := json.Unmarshal(got.Data, &data); err != nil || got.status != http.StatusOK {
			t.Fatalf("facade for %s = %d %s", test.user.Username, got.status, got.body)
		}
		if f := data.Facade; f.UserMinuteLimit != 30 || f.UserHourLimit != 300 || fmt.Sprint(f.Users) != fmt.Sprint(test.want) {
			t.Errorf("facade for %s = %+v, want 30, 300 and %v", test.user.Username, f, test.want)
		}
	}
}
