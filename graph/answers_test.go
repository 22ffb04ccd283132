package graph_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/gzip"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph"
)

// sharing is a fixture whose handler shares answers. One without sharing stands beside it.
type sharing struct {
	*fixture
	shared  *graph.Handler
	sharing http.Handler
}

func newSharing(t testing.TB, cfg fixtureConfig) *sharing {
	t.Helper()
	cfg.inMemory = true
	s := &sharing{fixture: newFixture(t, cfg)}
	s.share(t)
	return s
}

// share creates the handler that shares answers.
func (s *sharing) share(t testing.TB) {
	s.shared = s.newHandler(func(cfg *graph.Config) { cfg.SharedAnswerBytes = 16 << 20 })
	t.Cleanup(s.shared.Close)
	s.sharing = withRequestID(s.users.Authenticate(s.shared))
}

// post sends a body with headers to the handler that shares answers.
func (s *sharing) post(t testing.TB, user auth.User, body string, headers ...string) *http.Response {
	t.Helper()
	r := request{token: s.tokenFor(t, user), body: body}.build(t, "http://127.0.0.1/graphql")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.sharing.ServeHTTP(w, r)
	return w.Result()
}

func text(t testing.TB, from io.Reader) string {
	t.Helper()
	read, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	leaks.Check(string(read))
	return string(read)
}

const clientRows = `{clients(first:30){totalCount nodes{serviceId name document address plan{name}}}}`

// Test16_2_SameAnswer checks that the third of equal questions gets the bytes and the headers of the
// first, without an execution.
func Test16_2_SameAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSharing(t, fixtureConfig{})
		body := operation(t, clientRows, nil)
		s.post(t, ana, body) // loads the clients
		first := s.post(t, ana, body)
		s.post(t, ana, body)
		before := s.shared.Answers()
		third := s.post(t, ana, body)
		if after := s.shared.Answers(); after.Hits != before.Hits+1 || after.Misses != before.Misses {
			t.Errorf("answers = %+v, then %+v, want a hit", before, after)
		}
		if got, want := text(t, third.Body), text(t, first.Body); got != want || third.StatusCode != http.StatusOK {
			t.Errorf("shared answer = %d %s, want %s", third.StatusCode, got, want)
		}
		if got, want := fmt.Sprint(third.Header), fmt.Sprint(first.Header); got != want {
			t.Errorf("headers of a shared answer = %s, want %s", got, want)
		}
	})
}

// Test16_2_WhatIsNotShared asks each question often. None may be answered for another caller.
func Test16_2_WhatIsNotShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSharing(t, fixtureConfig{})
		s.post(t, ana, operation(t, `{clients{totalCount} zones{name}}`, nil))
		for name, body := range map[string]string{
			"the caller":       operation(t, `{viewer{username}}`, nil),
			"the facade":       operation(t, `{facade{version}}`, nil),
			"introspection":    operation(t, `{__schema{queryType{name}}}`, nil),
			"a mutation":       operation(t, `mutation{pingClient(serviceId:26){task{id}}}`, nil),
			"an account":       operation(t, `{client(by:{serviceId:26}){account{owed}}}`, nil),
			"an error":         operation(t, `{clients(after:"x"){totalCount}}`, nil),
			"an invalid query": operation(t, `{unknown}`, nil),
			"no JSON":          `{"query":`,
		} {
			for range 4 {
				s.post(t, ana, body)
			}
			if got := s.shared.Answers(); got.Hits != 0 || got.Entries != 0 {
				t.Errorf("%s: answers = %+v, want none shared", name, got)
			}
		}
	})
}

// Test16_2_UpstreamErrorsAreNotShared checks an answer that has data beside its error.
func Test16_2_UpstreamErrorsAreNotShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSharing(t, fixtureConfig{brokenPath: "/api/zonas/"})
		s.post(t, ana, operation(t, `{clients{totalCount}}`, nil))
		for range 4 {
			if got := s.post(t, ana, operation(t, `{clients{totalCount} zone(zoneId:1){name}}`, nil)); got.StatusCode != http.StatusOK {
				t.Fatalf("status = %d, want 200", got.StatusCode)
			}
		}
		if got := s.shared.Answers(); got.Hits != 0 || got.Entries != 0 {
			t.Errorf("answers = %+v, want none kept", got)
		}
	})
}

// Test16_2_Apart checks that questions that differ in one thing do not share an answer.
func Test16_2_Apart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSharing(t, fixtureConfig{})
		s.post(t, ana, operation(t, `{clients{totalCount}}`, nil))
		support := auth.User{Username: "support", PasswordHash: ana.PasswordHash, Scopes: []auth.Scope{auth.ScopeSupport}}
		s.setUsers(t, ana, ben, support)
		body := operation(t, clientRows, nil)
		for name, ask := range map[string]func() *http.Response{
			"the first":     func() *http.Response { return s.post(t, ana, body) },
			"a media type":  func() *http.Response { return s.post(t, ana, body, "Accept", "application/graphql-response+json") },
			"scopes":        func() *http.Response { return s.post(t, ben, body) },
			"other scopes":  func() *http.Response { return s.post(t, support, body) },
			"a space":       func() *http.Response { return s.post(t, ana, body+" ") },
			"a name unused": func() *http.Response { return s.post(t, ana, operation(t, clientRows, map[string]any{"x": 1})) },
		} {
			before := s.shared.Answers().Hits
			ask()
			if got := s.shared.Answers().Hits; got != before {
				t.Errorf("%s: the first question was a hit, want a miss", name)
			}
			ask()
			if got := ask(); s.shared.Answers().Hits != before+1 {
				t.Errorf("%s: the third question was no hit: %d %+v", name, got.StatusCode, s.shared.Answers())
			}
		}
		// Without a token nothing is answered.
		r := request{body: body}.build(t, "http://127.0.0.1/graphql")
		w := httptest.NewRecorder()
		if s.sharing.ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
			t.Errorf("without a token = %d %s, want 401", w.Code, w.Body)
		}
	})
}

// Test16_2_Gzip checks that a shared answer is compressed for callers who accept that, and for no
// others.
func Test16_2_Gzip(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSharing(t, fixtureConfig{})
		body := operation(t, clientRows, nil)
		for range 3 {
			s.post(t, ana, body)
		}
		plain := text(t, s.post(t, ana, body).Body)
		for _, test := range []struct {
			accept string
			zipped bool
		}{{"gzip", true}, {"deflate, gzip;q=0.5", true}, {"", false}, {"gzip;q=0", false}, {"br", false}} {
			got := s.post(t, ana, body, "Accept-Encoding", test.accept)
			if vary := got.Header.Get("Vary"); vary != "Accept, Accept-Encoding" {
				t.Errorf("Vary = %q, want Accept, Accept-Encoding", vary)
			}
			sent := text(t, got.Body)
			want := strconv.Itoa(len(sent))
			if len(sent) <= 2000 {
				want = "" // net/http counts, see Test16_1_LengthOfSmallAnswers
			}
			if length := got.Header.Get("Content-Length"); length != want {
				t.Errorf("%q: Content-Length = %s, want %s", test.accept, length, want)
			}
			encoded := got.Header.Get("Content-Encoding") == "gzip"
			if encoded {
				reader, err := gzip.NewReader(bytes.NewReader([]byte(sent)))
				if err != nil {
					t.Fatal(err)
				}
				sent = text(t, reader)
			}
			if encoded != test.zipped || sent != plain {
				t.Errorf("Accept-Encoding %q: compressed %t, %s, want %t and %s", test.accept, encoded, sent, test.zipped, plain)
			}
		}
	})
}

// Test16_2_ReadYourWrites checks that the reader of a repeated question sees each write at once.
func Test16_2_ReadYourWrites(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSharing(t, fixtureConfig{})
		body := operation(t, `{client(by:{serviceId:26}){city}}`, nil)
		for n := range 5 {
			time.Sleep(time.Millisecond) // no read is of the same instant as the write
			city := fmt.Sprintf("Bello %d", n)
			change := fmt.Sprintf(`mutation{updateClient(input:{serviceId:26 city:%q}){client{city} userErrors{code}}}`, city)
			if got := text(t, s.post(t, ana, operation(t, change, nil)).Body); got != fmt.Sprintf(`{"data":{"updateClient":{"client":{"city":%q},"userErrors":[]}}}`, city) {
				t.Fatalf("updateClient = %s, want the city %s", got, city)
			}
			time.Sleep(time.Millisecond)
			for range 4 {
				if got := text(t, s.post(t, ana, body).Body); got != fmt.Sprintf(`{"data":{"client":{"city":%q}}}`, city) {
					t.Errorf("the client after the write = %s, want %s", got, city)
				}
			}
		}
		if got := s.shared.Answers().Hits; got == 0 {
			t.Error("no answer was shared, want some between the writes")
		}
	})
}

// Test16_2_UsersOfSharedAnswersAsk checks that a user who gets shared answers only counts as one who
// asks: others must leave it a part of WispHub's budget.
func Test16_2_UsersOfSharedAnswersAsk(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSharing(t, fixtureConfig{})
		body := operation(t, clientRows, nil)
		for range 4 {
			s.post(t, ana, body)
		}
		dan, before := ana, s.shared.Answers()
		dan.Username = "dan"
		s.setUsers(t, ana, ben, dan)
		s.post(t, dan, body)
		if after := s.shared.Answers(); after.Hits != before.Hits+1 || after.Misses != before.Misses {
			t.Fatalf("answers = %+v, then %+v, want a hit", before, after)
		}
		for _, user := range s.config.Provider.Users() {
			if user.Username == "dan" {
				return
			}
		}
		t.Error("dan is not among the users who ask")
	})
}

// Test16_2_FacadeCounts checks the row of facade.caches.
func Test16_2_FacadeCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSharing(t, fixtureConfig{})
		body := operation(t, `{zones{name}}`, nil)
		for range 4 {
			s.post(t, ben, body)
		}
		stats := s.shared.Answers()
		shown := into[struct{ Data facadeAnswers }](t, text(t, s.post(t, ben, operation(t, facadeDocument, nil)).Body))
		got := shown.Data.cache("answers")
		if got.Entries != 1 || got.Hits != int(stats.Hits) || got.Misses != int(stats.Misses) || got.Hits == 0 || got.AsOf != nil || got.Stale {
			t.Errorf("answers = %+v, want the counts of %+v, no asOf, not stale", got, stats)
		}
	})
}

// Test16_2_UpstreamChanges checks that a change at WispHub is seen after the refresh that reads it.
func Test16_2_UpstreamChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSharing(t, fixtureConfig{})
		body := operation(t, `{clients(first:1){totalCount}}`, nil)
		for range 4 {
			s.post(t, ana, body)
		}
		s.upstream.DeleteRow(s.upstream.IDs()[0])
		s.post(t, ana, operation(t, `mutation{refresh(resource:CLIENTS){version}}`, nil))
		if got := text(t, s.post(t, ana, body).Body); got != `{"data":{"clients":{"totalCount":39}}}` {
			t.Errorf("after the refresh = %s, want 39 clients", got)
		}
	})
}
