package rest

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub"
)

// The suite of the earlier middleware, as rest-v1.md states it. Bots that were written for that
// middleware rely on these answers.

// suiteCase is one case: a request, and the answer that bots get.
type suiteCase struct {
	name         string
	method, path string // the path follows /api/v1, except /health
	body         string
	user         string // "" for ana, who has READ and SUPPORT; noUser for a request without a token
	header       http.Header
	below        func(*wisphub.Config, *isp.Config)
	before       func(*testing.T, *testServer) // prepares WispHub or the server; nil for nothing
	want         reply
	headers      map[string]string // of the answer
	form         map[string]string // fields of the ticket form that WispHub receives
	waits        bool              // the case waits most of its time
	differs      string            // why the answer is not the one of rest-v1.md; "" when it is
	earlier      reply             // the answer of rest-v1.md, where the two differ
}

const noUser = "none"

// reply is an answer. Its body is JSON. A text in it may be a pattern: "*" for any value but null,
// "?" for null or a text, "~…" for a text that matches a regular expression.
type reply struct {
	status int
	body   string
}

// success, info and failed are envelopes whose message rest-v1.md leaves open.
func success(action, data string) reply {
	return reply{200, envelopeJSON("success", action, data, "?")}
}

func info(action, data string) reply { return reply{200, envelopeJSON("info", action, data, "?")} }

func failed(action string) reply { return reply{200, envelopeJSON("error", action, "", "?")} }

func failedWith(action, message string) reply {
	return reply{200, envelopeJSON("error", action, "", message)}
}

// listed is a list of clients with its meta.
func listed(action, total string, clients ...string) reply {
	body := envelopeJSON("success", action, "["+strings.Join(clients, ",")+"]", "?")
	return reply{200, strings.Replace(body, `"meta":null`, `"meta":{"total":`+total+`,"as_of":"*"}`, 1)}
}

// invalid is the answer 422 about the fields, in their order.
func invalid(fields ...string) reply {
	pattern := "~^Error de validación: " + strings.Join(fields, ": [^;]+; ") + ": [^;]+$"
	return reply{422, envelopeJSON("error", "ERROR", "", pattern)}
}

func detail(status int, text string) reply { return reply{status, `{"detail":"` + text + `"}`} }

func get(name, path string, want reply) suiteCase {
	return suiteCase{name: name, method: "GET", path: path, want: want}
}

func post(name, path, body string, want reply) suiteCase {
	return suiteCase{name: name, method: "POST", path: path, body: body, want: want}
}

func put(name, path, body string, want reply) suiteCase {
	return suiteCase{name: name, method: "PUT", path: path, body: body, want: want}
}

func (c suiteCase) as(user string) suiteCase { c.user = user; return c }

func (c suiteCase) after(before func(*testing.T, *testServer)) suiteCase {
	c.before = before
	return c
}

func (c suiteCase) onPurpose(reason string, earlier reply) suiteCase {
	c.differs, c.earlier = reason, earlier
	return c
}

// suite has the cases by subject.
var suite = map[string][]suiteCase{
	"access": accessCases, "token": tokenCases, "lists": listCases, "search": searchCases, "lookups": lookupCases,
	"resolve": resolveCases, "verify": verifyCases, "update": updateCases, "plans": planCases, "pings": pingCases,
	"tickets": ticketCases, "new tickets": newTicketCases, "subjects": subjectCases, "upstream": upstreamCases,
}

// suiteVariants are the spellings of a path and of actions. Every case runs in all of them.
var suiteVariants = []struct {
	name             string
	slash, lowerCase bool
}{{"plain", false, false}, {"slash", true, false}, {"lower case", false, true}}

func Test13_MiddlewareSuite(t *testing.T) {
	t.Parallel()
	total, different := 0, 0
	var waiting sync.WaitGroup
	defer waiting.Wait()
	for _, subject := range slices.Sorted(maps.Keys(suite)) {
		for _, c := range suite[subject] {
			total++
			if c.differs != "" {
				different++
				t.Logf("%s, %s: %s", subject, c.name, c.differs)
			}
			for _, variant := range suiteVariants {
				run := func() {
					t.Run(subject+"/"+c.name+"/"+variant.name, func(t *testing.T) {
						if !c.waits {
							t.Parallel()
						}
						c.run(t, variant.slash, variant.lowerCase)
					})
				}
				if c.waits { // beside all others, which t.Parallel would not allow
					waiting.Go(run)
				} else {
					run()
				}
			}
		}
	}
	t.Logf("%d cases: %d equal, %d different on purpose", total, total-different, different)
}

func (c suiteCase) run(t *testing.T, slash, lowerCase bool) {
	s := startTestServer(t, func(cfg *Config) { cfg.LowerCaseActions = lowerCase }, func(calls *wisphub.Config, cfg *isp.Config) {
		cfg.MaxActiveTicketsPerZone = 3
		if c.below != nil {
			c.below(calls, cfg)
		}
	})
	if c.before != nil {
		c.before(t, s)
	}
	got := do(t, c.method, s.base+c.fullPath(slash), c.body, c.headerFor(s))
	if !c.want.matches(t, got, lowerCase) {
		t.Errorf("%s %s %s = %d %s, want %d %s", c.method, c.path, c.body, got.status, got.body, c.want.status, c.want.body)
	}
	if c.differs != "" && c.earlier.matches(t, got, lowerCase) {
		t.Errorf("%s %s is the answer of rest-v1.md, but the case says that it differs", c.method, c.path)
	}
	for name, value := range c.headers {
		if header := got.header.Get(name); header != value {
			t.Errorf("%s %s: %s = %q, want %q", c.method, c.path, name, header, value)
		}
	}
	if c.form != nil {
		c.checkForm(t, s)
	}
}

func (c suiteCase) fullPath(slash bool) string {
	path, query, hasQuery := strings.Cut(c.path, "?")
	if path != "/health" {
		path = "/api/v1" + path
	}
	if slash {
		path += "/"
	}
	if hasQuery {
		path += "?" + query
	}
	return path
}

func (c suiteCase) headerFor(s *testServer) http.Header {
	header := http.Header{}
	if c.user != noUser {
		user := c.user
		if user == "" {
			user = "ana"
		}
		header.Set("Authorization", "Bearer "+s.tokens[user])
	}
	if c.body != "" {
		header.Set("Content-Type", "application/json")
	}
	maps.Copy(header, c.header)
	return header
}

// checkForm compares the ticket form that WispHub received.
func (c suiteCase) checkForm(t *testing.T, s *testServer) {
	select {
	case form := <-s.ticketForms:
		for field, want := range c.form {
			if got := form.Get(field); got != want {
				t.Errorf("%s = %q in the ticket form, want %q; form: %v", field, got, want, form)
			}
		}
	case <-time.After(time.Second):
		t.Error("WispHub received no ticket form")
	}
}

// matches reports whether an answer is the wanted one.
func (r reply) matches(t *testing.T, got answer, lowerCase bool) bool {
	t.Helper()
	wanted, body := decodeJSON(t, r.body), decodeJSON(t, got.body)
	if members, ok := wanted.(map[string]any); ok && lowerCase && members["action"] != nil {
		members["action"] = strings.ToLower(members["action"].(string))
	}
	return got.status == r.status && matchesJSON(wanted, body)
}

func decodeJSON(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Errorf("%s is not JSON: %v", text, err)
	}
	return value
}

// matchesJSON compares decoded JSON. Objects need the same members. Numbers are equal by value, as
// bots read them.
func matchesJSON(want, got any) bool {
	switch want := want.(type) {
	case string:
		return matchesText(want, got)
	case []any:
		list, ok := got.([]any)
		return ok && slices.EqualFunc(want, list, matchesJSON)
	case map[string]any:
		members, ok := got.(map[string]any)
		return ok && maps.EqualFunc(want, members, matchesJSON)
	}
	return want == got
}

func matchesText(want string, got any) bool {
	text, isText := got.(string)
	pattern, isPattern := strings.CutPrefix(want, "~")
	switch {
	case want == "*":
		return got != nil
	case want == "?":
		return got == nil || isText && text != ""
	case isPattern:
		return isText && regexp.MustCompile(pattern).MatchString(text)
	}
	return isText && text == want
}
