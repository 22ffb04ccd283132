package main

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"wisphub-graphql/wisphub/wisphubtest"
)

const refusedByGraphQL = `"code":"FORBIDDEN"`

var requestIDs = regexp.MustCompile(` request_id=\S+`)

// wantAudit checks the audit lines but those of logins, without their request ids.
func wantAudit(t *testing.T, when string, log *logBuffer, want ...string) {
	t.Helper()
	got := slices.DeleteFunc(auditLines(log), func(line string) bool { return strings.HasPrefix(line, "action=login ") })
	for i, line := range got {
		got[i] = requestIDs.ReplaceAllString(line, "")
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: audit lines =\n%s\nwant\n%s", when, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Every forbidden write leaves a line of its own, over either API, and sends nothing.
func Test15_11_ForbiddenWritesAreAudited(t *testing.T) {
	t.Parallel()
	upstream := wisphubtest.New(wisphubtest.Config{Clients: 3})
	t.Cleanup(upstream.Close)
	s, _, log := startUsersFile(t, upstream, "leo:"+testHash+":support\n")
	s.login("leo", "a password")
	id := upstream.IDs()[0]
	for range 3 {
		_, body := s.query(fmt.Sprintf(`mutation { a: activateClients(serviceIds: [%d]) { task { id } } b: refresh(resource: CLIENTS) { version } }`, id), nil)
		if strings.Count(body, refusedByGraphQL) != 2 {
			t.Errorf("mutation = %s, want FORBIDDEN twice", body)
		}
		document := `mutation { updateClient(input: {serviceId: %d, balance: 0, city: "Bello"}) { client { id } } }`
		if _, body := s.query(fmt.Sprintf(document, id), nil); !strings.Contains(body, refusedByGraphQL) || !strings.Contains(body, `"updateClient":null`) {
			t.Errorf("updateClient with a balance = %s, want FORBIDDEN", body)
		}
		status, header, body := s.do(http.MethodPut, fmt.Sprintf("/api/v1/clients/%d", id), `{"balance": 0}`, http.Header{"Content-Type": {"application/json"}})
		if challenge := header.Get("WWW-Authenticate"); status != 403 || body != `{"detail":"Not enough permissions."}` ||
			challenge != `Bearer error="insufficient_scope", scope="BILLING"` {
			t.Errorf("PUT of a balance = %d %s, %s, want 403", status, body, challenge)
		}
	}
	for route, count := range upstream.Requests() {
		if !strings.HasPrefix(route, "GET") {
			t.Errorf("%d × %s, want no write", count, route)
		}
	}
	lines := []string{
		"action=activateClients user=leo address=127.0.0.1 ids=[] outcome=forbidden count=1",
		"action=refresh user=leo address=127.0.0.1 ids=[] outcome=forbidden count=1",
		fmt.Sprintf("action=updateClient user=leo address=127.0.0.1 ids=[client:%d] outcome=forbidden count=1", id),
	}
	wantAudit(t, "writes without the scope", log, lines...)
}

// Bad tokens leave a line wherever they come in.
func Test15_11_BadTokensOfAllAPIs(t *testing.T) {
	t.Parallel()
	const line = `action=authenticate user=unknown address=127.0.0.1 ids=[] outcome="bad token" count=1`
	calls := map[string]func(s *site){
		"GraphQL": func(s *site) { s.wantChallenge(http.MethodPost, "/graphql", `{"query":"{viewer{username}}"}`) },
		"REST":    func(s *site) { s.wantChallenge(http.MethodGet, "/api/v1/clients/", "") },
		"WebSocket": func(s *site) {
			conn, _, err := websocket.Dial(s.t.Context(), s.url+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
			if err != nil {
				s.t.Fatal(err)
			}
			defer func() { _ = conn.CloseNow() }()
			message := `{"type":"connection_init","payload":{"Authorization":"Bearer ` + s.token + `"}}`
			if err := conn.Write(s.t.Context(), websocket.MessageText, []byte(message)); err != nil {
				s.t.Fatal(err)
			}
			if _, _, err := conn.Read(s.t.Context()); websocket.CloseStatus(err) != 4403 {
				s.t.Errorf("socket with a bad token ends with %v, want 4403", err)
			}
		},
	}
	for api, call := range calls {
		t.Run(api, func(t *testing.T) {
			t.Parallel()
			log := &logBuffer{}
			s, _ := startLoggedApp(t, http.NotFoundHandler(), nil, log)
			s.t, s.token = t, "not.a.token"
			call(s)
			call(s)
			wantAudit(t, api, log, line)
		})
	}
}

// wantChallenge sends a request with a bad token and one without. A page of another origin may read
// the challenges.
func (s *site) wantChallenge(method, path, body string) {
	s.t.Helper()
	for token, want := range map[string]string{"": "Bearer", s.token: `Bearer error="invalid_token"`} {
		status, header, text := s.withToken(token).do(method, path, body, http.Header{"Content-Type": {"application/json"}})
		if got := header.Get("WWW-Authenticate"); status != http.StatusUnauthorized || got != want {
			s.t.Errorf("%s %s with the token %q = %d %s, WWW-Authenticate %s, want 401, %s", method, path, token, status, text, got, want)
		}
	}
}

// A stop writes the counts that have no line yet.
func Test15_11_StopWritesTheCounts(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	s, a := startLoggedApp(t, http.NotFoundHandler(), nil, log)
	s.token = "not.a.token"
	for range 5 {
		s.query(viewerQuery, nil)
	}
	a.Close()
	const line = `action=authenticate user=unknown address=127.0.0.1 ids=[] outcome="bad token" count=`
	wantAudit(t, "after Close", log, line+"1", line+"4")
}

// The user of the environment and the demo's user have BILLING. A write's line names its changes.
func Test15_11_ChangesAreAudited(t *testing.T) {
	t.Parallel()
	upstream := wisphubtest.New(wisphubtest.Config{Clients: 3})
	t.Cleanup(upstream.Close)
	log := &logBuffer{}
	s, _ := startLoggedApp(t, upstream, nil, log)
	id := upstream.IDs()[0]
	row := upstream.Row(id)
	row["saldo"], row["ciudad"] = "65000.00", "Cali"
	upstream.PutRow(row)
	s.login("ana", "a password")
	s.query(fmt.Sprintf(`mutation { updateClient(input: {serviceId: %d, city: "Bello", balance: 0}) { client { id } userErrors { code } } }`, id), &struct{}{})
	wantAudit(t, "updateClient", log, fmt.Sprintf(
		`action=updateClient user=ana address=127.0.0.1 ids=[client:%d] changes="[city balance 65000.00 -> 0.00]" outcome=ok`, id))
	if strings.Contains(log.String(), "Bello") {
		t.Errorf("the log has a value: %s", log)
	}
}

func Test15_11_DemoUserHasBilling(t *testing.T) {
	t.Parallel()
	s, _ := startDemo(t, nil)
	s.login(demoUser, demoPassword)
	if _, body := s.query(viewerQuery, nil); !strings.Contains(body, `["READ","SUPPORT","OPERATE","BILLING","ADMIN"]`) {
		t.Errorf("viewer of the demo = %s, want all scopes", body)
	}
}

// A cheap hash is warned of at the start and at each reload, without names. The demo's is not.
func Test15_Small_CheapHashIsWarnedOf(t *testing.T) {
	t.Parallel()
	const warning = "level=WARN msg=\"a user's password hash has a bcrypt cost under 10"
	for cost, want := range map[string]int{"$04$": 1, "$09$": 1, "$10$": 0, "$12$": 0} {
		users := "canary:" + strings.Replace(testHash, "$04$", cost, 1) + "\n"
		_, _, started := startUsersFile(t, http.NotFoundHandler(), users)
		path, file, reloaded := newTestUsersFile(t)
		before := strings.Count(reloaded.String(), warning)
		replace(t, path, users)
		for range 3 {
			file.check()
		}
		for when, got := range map[string]int{
			"start": strings.Count(started.String(), warning), "reload": strings.Count(reloaded.String(), warning) - before,
		} {
			if got != want || strings.Contains(started.String()+reloaded.String(), "canary") {
				t.Errorf("cost %s: %d warnings at the %s, want %d without names", cost, got, when, want)
			}
		}
	}
	if _, demo := startDemo(t, nil); strings.Contains(demo.String(), warning) {
		t.Errorf("the demo warns of its own hash: %s", demo)
	}
}

// The binary and the image are built with a standard library that has all fixes.
func Test15_Small_ToolchainIsPinned(t *testing.T) {
	t.Parallel()
	module, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	image, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	toolchain := regexp.MustCompile(`(?m)^toolchain go(1\.\d+\.\d+)$`).FindSubmatch(module)
	if toolchain == nil || !strings.Contains(string(image), "FROM golang:"+string(toolchain[1])+" AS build\n") {
		t.Errorf("go.mod names the toolchain %s, want one with a patch version, which the Dockerfile names, too", toolchain)
	}
}
