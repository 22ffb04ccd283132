package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A subject of a caller reaches WispHub without tags. Readers see it as it was written, and an
// update leaves it as WispHub has it.
func Test15_Small_SubjectWithoutTags(t *testing.T) {
	t.Parallel()
	for subject, sent := range map[string]string{
		`<script>alert(1)</script>`: "&lt;script&gt;alert(1)&lt;/script&gt;",
		`1 < 2 & 3 > 2`:             "1 &lt; 2 & 3 &gt; 2",
		`Sal & pimienta`:            "Sal & pimienta",
		`<`:                         "&lt;",
	} {
		f := newFixture(t, fixtureConfig{tickets: -1})
		f.setClients(fullRow)
		ticket := f.create(t, `serviceId:26 description:"x" subject:"`+subject+`"`).Payload.Ticket
		if ticket == nil || ticket.Subject != subject || fmt.Sprint(f.upstream.Ticket(ticket.TicketID)["asunto"]) != sent {
			t.Fatalf("subject %s = %+v, want it back, and %s at WispHub", subject, ticket, sent)
		}
		update := fmt.Sprintf(`mutation{updateTicket(input:{ticketId:%d status:RESOLVED}){ticket{subject status} userErrors{code}}}`, ticket.TicketID)
		quoted := strings.ReplaceAll(subject, `"`, `\"`)
		wantJSON(t, update, f.data(t, update), `{"updateTicket":{"ticket":{"subject":"`+quoted+`","status":"RESOLVED"},"userErrors":[]}}`)
		if got := fmt.Sprint(f.upstream.Ticket(ticket.TicketID)["asunto"]); got != sent {
			t.Errorf("after an update WispHub has the subject %s, want %s", got, sent)
		}
	}
}

// WispHub's limit is for what is sent.
func Test15_Small_SubjectTooLongWithoutTags(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{tickets: -1})
	f.setClients(fullRow)
	if ticket := f.create(t, `serviceId:26 description:"x" subject:"`+strings.Repeat("<", 50)+`"`).Payload.Ticket; ticket == nil {
		t.Error("a subject of 200 characters was refused")
	}
	refused := f.create(t, `serviceId:26 description:"x" subject:"`+strings.Repeat("<", 51)+`"`).Payload
	if refused.Ticket != nil || len(refused.UserErrors) != 1 || refused.UserErrors[0].Code != "INVALID" || fmt.Sprint(refused.UserErrors[0].Field) != "[input subject]" {
		t.Errorf("a subject of 204 characters = %+v, want INVALID at subject", refused)
	}
}

// A subject of the tenant's catalogue is sent as the catalogue spells it.
func Test15_Small_CatalogueSubjectWithTags(t *testing.T) {
	t.Parallel()
	sent := make(chan string, 1)
	f := newFixture(t, fixtureConfig{tickets: -1, intercept: func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "asuntos-tickets") {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`["Velocidad < 5 Mbps","Otro Asunto"]`))
			return true
		}
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/tickets/") {
			sent <- r.FormValue("asunto") + "|" + r.FormValue("asuntos_default")
			w.WriteHeader(http.StatusBadRequest)
			return true
		}
		return false
	}})
	f.setClients(fullRow)
	f.create(t, `serviceId:26 description:"x" subject:"velocidad <  5 mbps"`)
	if got := <-sent; got != "Velocidad < 5 Mbps|Velocidad < 5 Mbps" {
		t.Errorf("sent the subject %s, want the catalogue's", got)
	}
}

// WispHub prints a client's record on invoices, so no text of it is escaped: it is refused.
func Test15_Small_RecordWithTagsIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.setClients(fullRow)
	before := fmt.Sprint(f.upstream.Row(26))
	for _, field := range []string{"name", "lastName", "document", "phone", "address", "locality", "city"} {
		for _, value := range []string{"<b>Ana", "a > b", "<"} {
			document := `mutation{updateClient(input:{serviceId:26 ` + field + `:"` + value + `"}){client{name} userErrors{field message code}}}`
			wantJSON(t, document, f.data(t, document), `{"updateClient":{"client":null,"userErrors":[
				{"field":["input","`+field+`"],"message":"Must not hold < or >.","code":"INVALID"}]}}`)
		}
	}
	if after := fmt.Sprint(f.upstream.Row(26)); after != before {
		t.Errorf("refused updates changed the record to %s, want %s", after, before)
	}
}
