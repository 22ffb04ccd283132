package isp

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wisphub-graphql/wisphub"
)

// ticketSetOf returns a set of rows without a WispHub.
func ticketSetOf(tb testing.TB, zone *time.Location, rows ...map[string]any) *ticketSet {
	tb.Helper()
	text, err := json.Marshal(rows)
	if err != nil {
		tb.Fatal(err)
	}
	var decoded []wisphub.Ticket
	if err := json.Unmarshal(text, &decoded); err != nil {
		tb.Fatal(err)
	}
	set := &ticketSet{version: 1, asOf: time.Now().In(zone)}
	for i := range decoded {
		set.tickets = append(set.tickets, newTicket(&decoded[i], zone))
	}
	return set
}

// wantSameTickets encodes and decodes the set, and fails the test unless it is the same.
func wantSameTickets(tb rapid.TB, want *ticketSet, zone *time.Location) {
	tb.Helper()
	data, err := encodeTicketSet(want)
	if err != nil {
		tb.Fatalf("encodeTicketSet() = %v", err)
	}
	got, err := decodeTicketSet(data, zone, 2)
	if err != nil {
		tb.Fatalf("decodeTicketSet() = %v", err)
	}
	if got.version != 2 || !reflect.DeepEqual(got.asOf, want.asOf.Round(0)) || len(got.tickets) != len(want.tickets) {
		tb.Fatalf("%d tickets, version %d, as of %v, want %d, 2, %v", len(got.tickets), got.version, got.asOf, len(want.tickets), want.asOf)
	}
	for i, ticket := range want.tickets {
		if !reflect.DeepEqual(got.tickets[i], ticket) {
			tb.Errorf("ticket %d =\n%s, want\n%s", ticket.TicketID, mustJSON(tb, got.tickets[i]), mustJSON(tb, ticket))
		}
	}
}

func drawAnswerRow(t *rapid.T) any {
	return drawColumns(t, map[string]any{}, columns{"respuesta usuario", edgeNames}, columns{"created", edgeTimes})
}

var malformedServices = rapid.SampledFrom([]any{
	nil, 26, map[string]any{"id_servicio": 26, "zona": ref(4)}, map[string]any{"id_servicio": -1, "zona": ref(0)},
	map[string]any{"zona": ref(1)},
})

func drawTicketRow(t *rapid.T) map[string]any {
	answers := rapid.Map(rapid.SliceOfN(rapid.Custom(drawAnswerRow), 0, 3), func(list []any) any { return list })
	return drawColumns(t, map[string]any{"id_ticket": rapid.IntRange(1, 9).Draw(t, "id")},
		columns{"asunto descripcion departamento origen_reporte tecnico email_tecnico creado_por finalizado_por", edgeNames},
		columns{"estado", rapid.SampledFrom([]any{"Nuevo", "en progreso", 3, "Cerrado", "Abierto", nil})},
		columns{"prioridad", rapid.SampledFrom([]any{"Baja", "4", 2, "Urgente", nil})},
		columns{"fecha_creacion fecha_estimada_inicio fecha_estimada_fin", edgeTimes},
		columns{"servicio", malformedServices},
		columns{"respuestas", rapid.OneOf(rapid.SampledFrom([]any{nil, []any{}, "x"}), answers)},
	)
}

func TestTicketSet_RoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		zone := rapid.SampledFrom(someZones).Draw(rt, "zone")
		wantSameTickets(rt, ticketSetOf(t, zone, rapid.SliceOfN(rapid.Custom(drawTicketRow), 0, 6).Draw(rt, "rows")...), zone)
	})
}

// An empty list of answers differs from none, which costs a call to read.
func TestTicketSet_KeepsUnusualValues(t *testing.T) {
	t.Parallel()
	set := ticketSetOf(t, bogota,
		map[string]any{"id_ticket": 1, "respuestas": []any{}},
		map[string]any{"id_ticket": 2, "respuestas": nil},
		map[string]any{"id_ticket": 3, "respuestas": []any{map[string]any{}}, "fecha_creacion": ""},
		map[string]any{
			"id_ticket": 4, "fecha_creacion": "2026-07-28T21:25:24.5Z", "servicio": map[string]any{"id_servicio": 26}, "estado": "Abierto",
		},
		map[string]any{"id_ticket": 4, "asunto": "again"},
	)
	if a, b := set.tickets[0].Answers, set.tickets[1].Answers; a == nil || b != nil {
		t.Fatalf("answers %v and %v, want [] and nil", a, b)
	}
	wantSameTickets(t, set, bogota)
	wantSameTickets(t, &ticketSet{asOf: time.Unix(0, 0).In(bogota)}, bogota)
}

// Each field of a ticket is encoded.
func TestTicketSet_EncodesAllFields(t *testing.T) {
	t.Parallel()
	set := ticketSetOf(t, bogota, map[string]any{
		"id_ticket": 500, "asunto": "a", "descripcion": "d", "estado": "Nuevo", "prioridad": "Baja",
		"departamento": "d", "origen_reporte": "o",
		"fecha_creacion": "8/05/2026", "fecha_estimada_inicio": "8/05/2026", "fecha_estimada_fin": "8/05/2026",
		"tecnico": "t", "email_tecnico": "e",
		"creado_por": "c", "finalizado_por": "f", "servicio": map[string]any{"id_servicio": 26, "nombre": "n", "zona": ref(4)},
		"respuestas": []any{map[string]any{"respuesta": "r", "created": "8/05/2026", "usuario": "u"}},
	})
	for _, record := range []reflect.Value{reflect.ValueOf(*set.tickets[0]), reflect.ValueOf(*set.tickets[0].Answers[0])} {
		for i := range record.NumField() {
			if record.Field(i).IsZero() {
				t.Errorf("%s is empty, want a row that fills it", record.Type().Field(i).Name)
			}
		}
	}
	wantSameTickets(t, set, bogota)
}

const malformedTickets = `{"asOf":[63913536000,0],"more":1,"tickets":[{"id":0},
	{"id":-1},{"id":1,"serviceId":-5,"zone":{"ZoneID":0},"status":"x","answers":[null,{}]},
	{"id":2,"zone":null,"answers":null,"created":[9223372036854775807,-1]},null]}`

func TestDecodeTicketSet_DropsInvalidTickets(t *testing.T) {
	t.Parallel()
	set, err := decodeTicketSet([]byte(malformedTickets), bogota, 1)
	if err != nil || len(set.tickets) != 2 {
		t.Fatalf("decodeTicketSet() = %+v, %v, want two tickets", set, err)
	}
	want := &Ticket{
		ID: "ticket:1", TicketID: 1, Status: TicketUnknown, StatusLabel: "x", Priority: PriorityUnknown, Answers: []*TicketAnswer{{}, {}},
	}
	if got := set.tickets[0]; !reflect.DeepEqual(got, want) {
		t.Errorf("ticket 1 = %+v, want %+v", got, want)
	}
	for _, text := range []string{"", "null", "{}", `{"tickets":[]}`, `{"asOf":[63913536000,0],"tickets":[{"id":"1"}]}`} {
		if set, err := decodeTicketSet([]byte(text), bogota, 1); err == nil || set != nil {
			t.Errorf("decodeTicketSet(%s) = %v, %v, want an error", text, set, err)
		}
	}
}

func FuzzDecodeTicketSet(f *testing.F) {
	whole, err := encodeTicketSet(ticketSetOf(f, bogota, map[string]any{
		"id_ticket": 1, "fecha_creacion": "8/05/2026", "respuestas": []any{map[string]any{"respuesta": "Ya"}},
		"servicio": map[string]any{"id_servicio": 26, "nombre": "n", "zona": ref(4)},
	}))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{string(whole), malformedTickets, "null", `{"asOf":[1,1],"tickets":[{"id":1},null]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := decodeTicketSet(data, bogota, 1)
		if err != nil {
			return
		}
		index := indexOf(set.tickets...)
		for page, query := ticketPage(t, index, TicketQuery{First: new(1)}), (TicketQuery{First: new(1)}); page.PageInfo.HasNextPage; {
			query.After = page.PageInfo.EndCursor
			page = ticketPage(t, index, query)
		}
		for _, ticket := range set.tickets {
			if ticket.TicketID < 1 || ticket.ServiceID < 0 {
				t.Errorf("ticket %d of service %d", ticket.TicketID, ticket.ServiceID)
			}
			_ = ticket.CreatedAt.Format(time.RFC3339) + string(ticket.DescriptionText())
		}
		wantSameTickets(t, set, bogota)
	})
}
