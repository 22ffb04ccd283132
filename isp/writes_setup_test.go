package isp

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

// canned is a literal answer of WispHub.
type canned struct {
	status int
	body   string
}

const (
	notFoundJSON = `{"detail": "No encontrado."}`
	htmlPage     = `<!DOCTYPE html><html><body><h1>Web server is down</h1></body></html>`
	oneClient    = `{"count": 1, "next": null, "previous": null, "results": [{"id_servicio": 26, "usuario": "ana@isp", "nombre": "Ana Pérez", ` +
		`"estado": "Activo", "cedula": "1000001", "telefono": "3000000001", "ciudad": "Bello", "saldo": "0.00", "zona": {"id": 2, "nombre": "Norte"}}]}`
	noTickets = `{"count": 0, "next": null, "previous": null, "results": []}`
)

// literal is a WispHub with literal answers. The list of clients has client 26 in zone 2, and there
// are no tickets.
type literal struct {
	mu      sync.Mutex
	answers map[string][]canned // by method and path; the last answer is repeated
	calls   []string
}

func (l *literal) set(call string, answers ...canned) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers[call] = answers
}

func (l *literal) next(call string) (canned, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, call)
	left := l.answers[call]
	if len(left) == 0 {
		return canned{}, false
	}
	if len(left) > 1 {
		l.answers[call] = left[1:]
	}
	return left[0], true
}

// count returns how many calls there were of that method and path.
func (l *literal) count(call string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(l.calls), func(other string) bool { return other != call }))
}

func (l *literal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	answer, ok := l.next(r.Method + " " + strings.TrimPrefix(r.URL.Path, "/api"))
	if !ok {
		answer = canned{http.StatusNotFound, notFoundJSON}
	}
	if answer.status == 0 { // silence
		<-r.Context().Done()
		return
	}
	contentType := "application/json"
	if strings.HasPrefix(answer.body, "<") {
		contentType = "text/html"
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(answer.status)
	_, _ = io.WriteString(w, answer.body)
}

// bubbled runs a subtest in a synctest bubble.
func bubbled(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}

// newLiteral must be called inside a synctest bubble.
func newLiteral(t *testing.T, change func(*Config)) (*literal, *Provider, *logRecorder) {
	t.Helper()
	upstream := &literal{answers: map[string][]canned{
		"GET /clientes/":                {{200, oneClient}},
		"GET /tickets/":                 {{200, noTickets}},
		"GET /tickets/asuntos-tickets/": {{200, `{"count": 1, "next": null, "previous": null, "results": [{"nombre": "Internet Lento"}]}`}},
	}}
	pipe := wisphubtest.Pipe(upstream)
	api, err := wisphub.New(wisphub.Config{Host: "http://wisphub.test", Key: wisphubtest.Key, Dial: pipe.Dial})
	if err != nil {
		t.Fatal(err)
	}
	log := &logRecorder{}
	cfg := testConfig(slog.New(slog.NewJSONHandler(log, nil)))
	cfg.Holidays, cfg.MaxTicketResolutionDays, cfg.DefaultTicketStatus = "none", 1, 1
	change(&cfg)
	provider := New(api, cfg)
	t.Cleanup(func() {
		provider.Close()
		api.Close()
		pipe.Close()
	})
	return upstream, provider, log
}

// ticketJSON is a row of ticket 500. More ends it: `, "respuestas": []`.
func ticketJSON(more string) string {
	return `{"id_ticket": 500, "asunto": "Internet Lento", "estado": "Nuevo", "prioridad": "Normal", "fecha_creacion": "01/01/2000 00:00", ` +
		`"servicio": {"id_servicio": 26, "nombre": "Ana Pérez", "zona": {"id": 2, "nombre": "Norte"}}` + more + `}`
}

// wantUserErrors compares user errors, each as "field.path CODE message".
func wantUserErrors(t *testing.T, what string, got []*UserError, want ...string) {
	t.Helper()
	var texts []string
	for _, e := range got {
		texts = append(texts, fmt.Sprintf("%s %s %s", strings.Join(e.Field, "."), e.Code, e.Message))
	}
	if !slices.Equal(texts, want) {
		t.Errorf("%s: user errors = %q, want %q", what, texts, want)
	}
}
