package rest

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"wisphub-graphql/auth"
	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

// testServer serves the REST API on loopback, with the real packages beneath it and a simulated
// WispHub that has two clients and a ticket.
type testServer struct {
	upstream *wisphubtest.Server
	base     string
	handler  *Handler
	tokens   map[string]string // by user: ana has READ, SUPPORT and BILLING, leo has READ and SUPPORT, ben has READ
	log      *bytes.Buffer
	// literals are answers of WispHub, by "METHOD path", that replace the simulator's. Values are
	// of type literal.
	literals sync.Map
	// ticketForms receives the form of every new ticket that WispHub gets.
	ticketForms chan url.Values
}

// literal is an answer of WispHub, written down letter by letter.
type literal struct {
	status int
	body   string
}

// ServeHTTP implements [http.Handler]. It is WispHub: the simulator, but for the literals.
func (s *testServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if found, ok := s.literals.Load(r.Method + " " + r.URL.Path); ok {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(found.(literal).status)
		_, _ = io.WriteString(w, found.(literal).body)
		return
	}
	if r.Method == http.MethodPost && r.URL.Path == "/api/tickets/" {
		s.recordForm(r)
	}
	s.upstream.ServeHTTP(w, r)
}

// recordForm reads the form of a request and leaves the body for another reader.
func (s *testServer) recordForm(r *http.Request) {
	content, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(content))
	clone := r.Clone(r.Context())
	clone.Body = io.NopCloser(bytes.NewReader(content))
	if clone.ParseMultipartForm(1<<20) == nil {
		select {
		case s.ticketForms <- clone.PostForm:
		default: // no test reads that many
		}
	}
}

var bogota = time.FixedZone("Bogota", -5*60*60)

func newTestServer(t testing.TB, change func(*Config)) *testServer {
	t.Helper()
	return startTestServer(t, change, nil)
}

// startTestServer is newTestServer with other settings of the packages beneath the REST API.
func startTestServer(t testing.TB, change func(*Config), below func(*wisphub.Config, *isp.Config)) *testServer {
	t.Helper()
	s := &testServer{
		upstream: wisphubtest.New(wisphubtest.Config{Clients: 3, Tickets: -1, Seed: 1}), tokens: map[string]string{}, log: &bytes.Buffer{},
		ticketForms: make(chan url.Values, 10),
	}
	t.Cleanup(s.upstream.Close)
	s.fillUpstream()
	logger := slog.New(slog.NewTextHandler(io.MultiWriter(leaks, s.log), nil))
	cfg := Config{Auth: s.newAuth(t), Provider: newProvider(t, s, logger, below), Logger: logger}
	if change != nil {
		change(&cfg)
	}
	s.handler = New(cfg)
	server := httptest.NewServer(s.handler)
	t.Cleanup(server.Close)
	s.base = server.URL
	return s
}

// newProvider returns a provider over an upstream. The function changes its settings and may be nil.
func newProvider(t testing.TB, upstream http.Handler, logger *slog.Logger, below func(*wisphub.Config, *isp.Config)) *isp.Provider {
	t.Helper()
	server := httptest.NewServer(upstream)
	t.Cleanup(server.Close)
	calls := wisphub.Config{Host: server.URL, Key: wisphubtest.Key, Timeout: time.Second}
	cfg := isp.Config{
		ClientsTTL: time.Hour, ClientTTL: time.Hour, PlansTTL: time.Hour, PlanTTL: time.Hour, TicketsTTL: time.Hour, StaleLimit: 24 * time.Hour,
		TicketsHorizon: 183 * 24 * time.Hour, ActiveTicketStates: []int{1}, MaxActiveTicketsPerZone: 1, MaxTicketResolutionDays: 3,
		Holidays: "co", TimeZone: bogota, PhoneCountryCode: "57", Logger: logger,
	}
	if below != nil {
		below(&calls, &cfg)
	}
	api, err := wisphub.New(calls)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	provider := isp.New(api, cfg)
	t.Cleanup(provider.Close)
	return provider
}

func (s *testServer) newAuth(t testing.TB) *auth.Service {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(testPassword), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	users := []auth.User{
		{Username: "ana", PasswordHash: string(hash), Scopes: []auth.Scope{auth.ScopeRead, auth.ScopeSupport, auth.ScopeBilling}},
		{Username: "leo", PasswordHash: string(hash), Scopes: []auth.Scope{auth.ScopeRead, auth.ScopeSupport}},
		{Username: "ben", PasswordHash: string(hash), Scopes: []auth.Scope{auth.ScopeRead}},
	}
	userStore, err := auth.NewUsers(users...)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := auth.NewTokens(auth.TokenConfig{Secret: bytes.Repeat([]byte("test"), 8), Lifetime: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range users {
		token, err := tokens.Issue(user)
		if err != nil {
			t.Fatal(err)
		}
		s.tokens[user.Username] = token.AccessToken
	}
	return auth.NewService(userStore, tokens, nil)
}

// row is a JSON object of WispHub.
type row = map[string]any

// fillUpstream replaces the simulator's data with the two clients and the ticket of the tests.
func (s *testServer) fillUpstream() {
	for _, id := range s.upstream.IDs() {
		s.upstream.DeleteRow(id)
	}
	s.upstream.PutRow(row{
		"id_servicio": 26, "usuario": "0026_ana@demo-isp", "nombre": "Ana Pérez", "cedula": "1000000001", "telefono": "3000000001",
		"direccion": `Vereda "La Chapa" <1>`, "localidad": "Centro", "ciudad": "Marinilla", "estado": "Activo", "saldo": "-10.50",
		"precio_plan": "65000.00", "fecha_corte": "8/05/2026", "ip": "192.0.2.26", "interfaz_lan": "ether1",
		"plan_internet": row{"id": 3, "nombre": "Plan 50 Fibra"}, "zona": row{"id": 2, "nombre": "Marinilla"},
		"tecnico": row{"id": 3, "nombre": "Julián"},
	})
	s.upstream.PutRow(row{"id_servicio": 30, "nombre": "Bo", "estado": "Suspendido", "precio_plan": "0.00"})
	s.upstream.PutTicket(row{
		"id_ticket": 500, "asunto": "Internet Lento", "estado": "Cerrado", "prioridad": "Alta", "fecha_creacion": "2026-01-02T10:00:00-05:00",
		"fecha_estimada_inicio": "2026-02-26 10:00", "fecha_estimada_fin": "2026-03-01 18:30",
		"servicio":   row{"id_servicio": 26, "zona": row{"id": 2, "nombre": "Marinilla"}},
		"respuestas": []row{{"respuesta": "Hola", "created": "2026-02-26T10:00:00-05:00"}, {"respuesta": "<p>Queda <b>bien</b></p>", "created": "2026-02-27T10:00:00-05:00"}},
	})
}

// call sends a request as a user, or without a token when user is "".
func (s *testServer) call(t *testing.T, user, method, path, body string) answer {
	t.Helper()
	header := http.Header{}
	if user != "" {
		header.Set("Authorization", "Bearer "+s.tokens[user])
	}
	if body != "" {
		header.Set("Content-Type", "application/json")
	}
	return do(t, method, s.base+path, body, header)
}

const (
	anaJSON = `{"service_id":26,"name":"Ana Pérez","document":"1000000001","phone":"3000000001","address":"Vereda \"La Chapa\" \u003c1\u003e","city":"Marinilla","locality":"Centro","payment_status":"Activo","zone_id":2,"antenna_ip":"192.0.2.26","cut_off_date":"8/05/2026","outstanding_balance":-10.50,"lan_interface":"ether1","internet_plan_name":"Plan 50 Fibra","internet_plan_price":65000.00,"technician_id":3}`
	boJSON  = `{"service_id":30,"name":"Bo","document":null,"phone":null,"address":null,"city":null,"locality":null,"payment_status":"Suspendido","zone_id":null,"antenna_ip":null,"cut_off_date":null,"outstanding_balance":null,"lan_interface":null,"internet_plan_name":null,"internet_plan_price":null,"technician_id":null}`
)

// envelopeJSON returns an envelope. An empty data or message is null.
func envelopeJSON(kind, action, data, message string) string {
	ok, quoted := "true", "null"
	if kind == "error" {
		ok = "false"
	}
	if message != "" {
		quoted = `"` + strings.ReplaceAll(message, `"`, `\"`) + `"`
	}
	if data == "" {
		data = "null"
	}
	return `{"ok":` + ok + `,"type":"` + kind + `","action":"` + action + `","data":` + data + `,"message":` + quoted + `,"meta":null}`
}
