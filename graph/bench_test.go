package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
)

// benchClient is a client of the benchmarks' documents, with or without its relations.
type benchClient struct {
	ServiceID     int     `json:"serviceId"`
	Name          string  `json:"name"`
	Document      *string `json:"document"`
	Phone         *string `json:"phone"`
	Status        string  `json:"status"`
	InvoiceStatus string  `json:"invoiceStatus"`
	Balance       *string `json:"balance"`
	CutOffDate    *string `json:"cutOffDate"`
	Plan          *struct {
		Name  string  `json:"name"`
		Price *string `json:"price"`
	} `json:"plan,omitempty"`
	Zone *struct {
		Name string `json:"name"`
	} `json:"zone,omitempty"`
}

// benchTicket is a ticket of a support dashboard.
type benchTicket struct {
	TicketID       int     `json:"ticketId"`
	Subject        string  `json:"subject"`
	Status         string  `json:"status"`
	Priority       string  `json:"priority"`
	CreatedAt      *string `json:"createdAt"`
	TechnicianName *string `json:"technicianName"`
	Client         *struct {
		ServiceID int     `json:"serviceId"`
		Name      string  `json:"name"`
		Phone     *string `json:"phone"`
		Plan      *struct {
			Name  string  `json:"name"`
			Price *string `json:"price"`
		} `json:"plan"`
	} `json:"client"`
}

type benchAnswer struct {
	Data struct {
		Client  *benchClient `json:"client,omitempty"`
		Clients *struct {
			TotalCount int           `json:"totalCount"`
			Nodes      []benchClient `json:"nodes"`
		} `json:"clients,omitempty"`
		Tickets *struct {
			TotalCount int           `json:"totalCount"`
			Nodes      []benchTicket `json:"nodes"`
		} `json:"tickets,omitempty"`
	} `json:"data"`
}

const (
	benchFields    = `serviceId name document phone status invoiceStatus balance cutOffDate`
	benchRelations = benchFields + ` plan{name price} zone{name}`
	benchTickets   = `ticketId subject status priority createdAt technicianName client{serviceId name phone plan{name price}}`
)

// BenchmarkHandler runs documents whose data is in memory. For comparison, it measures net/http and
// encoding/json alone with the same response. With -cpu 1 the result is processor time.
func BenchmarkHandler(b *testing.B) {
	f := newFixture(b, fixtureConfig{clients: 2000})
	documents := []struct{ name, document string }{
		{"one client", fmt.Sprintf(`{client(by:{serviceId:%d}){%s}}`, f.upstream.IDs()[0], benchRelations)},
		{"50 clients with plan and zone", `{clients(first:50){totalCount nodes{` + benchRelations + `}}}`},
		{"100 tickets with client and plan", `{tickets(first:100){totalCount nodes{` + benchTickets + `}}}`},
		{"500 clients", `{clients(first:500){totalCount nodes{` + benchFields + `}}}`},
		{"2000 clients", `{clients(first:2000){totalCount nodes{` + benchFields + `}}}`},
	}
	f.data(b, `{clients{totalCount} tickets{totalCount}}`)
	for _, d := range documents {
		asked := request{token: f.tokenFor(b, ana), body: operation(b, d.document, nil)}
		answer := into[benchAnswer](b, f.send(b, asked).body)
		b.Run(d.name+"/graph", func(b *testing.B) { serve(b, f.handler, asked) })
		b.Run(d.name+"/yardstick", func(b *testing.B) { serve(b, encoded(answer), asked) })
	}
}

// encoded returns a handler that encodes the value for each request.
func encoded(value any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		body, err := json.Marshal(value)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", plainJSON)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
}

func serve(b *testing.B, handler http.Handler, asked request) {
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, asked.build(b, "http://127.0.0.1/graphql"))
		if w.Code != http.StatusOK {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
		size = w.Body.Len()
	}
	b.ReportMetric(float64(size), "B/answer")
}
