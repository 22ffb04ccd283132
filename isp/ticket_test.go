package isp

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// decodeTicket reads a ticket whose row is body.
func decodeTicket(tb testing.TB, body string) *Ticket {
	tb.Helper()
	provider, _ := connect(tb, serve(tb, respondJSON(body)))
	ticket, err := provider.Tickets.Get(tb.Context(), 500)
	if err != nil || ticket == nil {
		tb.Fatalf("Get(500) of %s = %v, %v", body, ticket, err)
	}
	return ticket
}

func TestNewTicket(t *testing.T) {
	t.Parallel()
	got := decodeTicket(t, `{"id_ticket": 500, "asunto": "Internet Lento - ANA", "descripcion": "<p>Lento</p>", "estado": "En Progreso",
		"prioridad": "4", "tecnico": null, "email_tecnico": "ana@demo-isp", "departamento": "Soporte Técnico", "origen_reporte": "Oficina",
		"fecha_creacion": "2026-07-28T21:25:24+00:00", "fecha_estimada_inicio": "2026-07-28 16:25", "fecha_estimada_fin": "31/07/2026 16:25",
		"creado_por": "luis@demo-isp", "finalizado_por": "", "servicio": {"id_servicio": 26, "zona": {"id": 4, "nombre": "Norte"}},
		"respuestas": {"respuesta": "<b>Ya</b>", "created": "2026-07-28 17:00", "usuario": null}}`)
	at := func(day, hour, minute, second int) time.Time {
		return time.Date(2026, 7, day, hour, minute, second, 0, bogota)
	}
	want := &Ticket{
		ID: "ticket:500", TicketID: 500, Subject: "Internet Lento - ANA", Description: "<p>Lento</p>",
		Status: TicketInProgress, StatusLabel: "En Progreso", Priority: PriorityVeryHigh, PriorityLabel: "4",
		Department: "Soporte Técnico", Source: "Oficina",
		CreatedAt: at(28, 16, 25, 24), EstimatedStart: at(28, 16, 25, 0), EstimatedEnd: at(31, 16, 25, 0),
		TechnicianEmail: "ana@demo-isp", CreatedBy: "luis@demo-isp", ServiceID: 26, Zone: &Zone{"zone:4", 4, "Norte"},
		Answers: []*TicketAnswer{{Text: "<b>Ya</b>", CreatedAt: at(28, 17, 0, 0)}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Get(500) = %+v, want %+v", got, want)
	}
}

// Missing and malformed fields are absent.
func TestNewTicket_MalformedRow(t *testing.T) {
	t.Parallel()
	for fields, want := range map[string]Ticket{
		`"estado": "Abierto", "prioridad": "Urgente"`:                     {StatusLabel: "Abierto", PriorityLabel: "Urgente"},
		`"servicio": {"id_servicio": -3, "zona": {"id": 0}}`:              {},
		`"servicio": null, "fecha_creacion": "ayer", "respuestas": "x"`:   {},
		`"servicio": {"zona": {"id": 4}}`:                                 {Zone: &Zone{"zone:4", 4, ""}},
		`"respuestas": [], "fecha_creacion": null, "servicio": [26]`:      {Answers: []*TicketAnswer{}},
		`"respuestas": [{"respuesta": null}], "servicio": {"zona": null}`: {Answers: []*TicketAnswer{{}}},
	} {
		got := decodeTicket(t, `{"id_ticket": 500, `+fields+`}`)
		want.ID, want.TicketID, want.Status, want.Priority = "ticket:500", 500, TicketUnknown, PriorityUnknown
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("ticket with %s = %+v, want %+v", fields, *got, want)
		}
	}
}

func TestTicket_DescriptionText(t *testing.T) {
	t.Parallel()
	for markup, want := range map[string]string{
		"":                               "",
		" \r\n ":                         "",
		"<p></p><br>":                    "",
		"sin internet":                   "sin internet",
		"antes\r\ndespués\n\n\nfin":      "antes\ndespués\nfin",
		"<p>Uno</p><p>Dos</p>":           "Uno\nDos",
		"<P CLASS='a>b'>Uno</P>Dos":      "Uno\nDos",
		"Uno<br>Dos<br/>Tres<BR />\r\n4": "Uno\nDos\nTres\n4",
		"<ul><li>Uno<li>Dos</ul>Tres":    "Uno\nDos\nTres",
		"<b>No</b> tiene <i>inter</i>net &amp; llama":              "No tiene internet & llama",
		"&aacute;&ntilde;o &lt;b&gt; 5 &gt; 3&nbsp;&#x2F; &#8211;": "áño <b> 5 > 3 / –",
		"&amp;lt;p&amp;gt;":                            "&lt;p&gt;",
		"<script>alert('<p>x</p>')</script>Hola":       "Hola",
		"Hola<SCRIPT src=x>if (a < b) {}</SCRIPT > ya": "Hola ya",
		"<style>p { color: red }</style><p>Hola</p>":   "Hola",
		"Hola<script>alert(1)":                         "Hola",
		"<p>Uno<p>Dos":                                 "Uno\nDos",
		"<div>Uno<span>Dos":                            "UnoDos",
		"Uno <!-- nota <p> --> dos":                    "Uno dos",
		"ping < 1 ms y 3 > 2":                          "ping < 1 ms y 3 > 2",
		"termina con <":                                "termina con <",
		"<p":                                           "",
		"a & b &; &nada; &#0;":                         "a & b &; &nada; \ufffd",
		"<table><tr><td>Uno</td><td>Dos</td></tr><tr><th>Tres</table>": "Uno\nDos\nTres",
		"<h1>Uno</h1>Dos<hr>Tres<blockquote>Cuatro</blockquote>":       "Uno\nDos\nTres\nCuatro",
		"<img src=x onerror=alert(1)>Hola<a href='javascript:x'>.</a>": "Hola.",
	} {
		if got := string((&Ticket{Description: Text(markup)}).DescriptionText()); got != want {
			t.Errorf("DescriptionText of %q = %q, want %q", markup, got, want)
		}
	}
}

// FuzzDescriptionText checks that plain text has lines of words with single spaces, and that text
// without markup keeps its words.
func FuzzDescriptionText(f *testing.F) {
	for _, seed := range []string{
		"", "<p>Uno</p>\r\n<br />Dos", "&aacute;&#x0;&#xD800;&bogus;", "<script>x</script", "<style><script></style>y", "<!-- -->", "<![CDATA[x]]>",
		"<textarea><p></textarea><title>&amp;</title><plaintext>", "\xff\x00<\xff>", strings.Repeat("<div>", 50) + "x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, markup string) {
		text := plainText(markup)
		if utf8.ValidString(markup) && !utf8.ValidString(text) {
			t.Errorf("plainText(%q) = %q, want UTF-8", markup, text)
		}
		for line := range strings.SplitSeq(text, "\n") {
			if line != strings.Join(strings.Fields(line), " ") || line == "" && text != "" {
				t.Errorf("plainText(%q) has the line %q, want words joined by single spaces", markup, line)
			}
		}
		if strings.ContainsAny(markup, "<&\x00") || strings.ContainsFunc(markup, unicode.IsControl) {
			return
		}
		if want := strings.Join(strings.Fields(markup), " "); text != want {
			t.Errorf("plainText(%q) = %q, want %q", markup, text, want)
		}
	})
}
