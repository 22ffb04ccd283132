package wisphub

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"time"
)

func zoned(text string) Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return Time{wall: at, zoned: true, Text: text}
}

const ticketJSON = `{
	"id_ticket": 500, "asunto": "Internet Lento - ANA PEREZ", "descripcion": "<p>Lento &amp; caro</p>\r\n", "razon_falla": "",
	"estado": "Nuevo", "prioridad": "Normal", "tecnico": "Julián Muñoz ", "email_tecnico": "jmunoz@demo-isp",
	"departamento": "Soporte Técnico", "origen_reporte": "Portal Cliente", "fecha_creacion": "2026-07-28T16:25:24-05:00",
	"fecha_estimada_inicio": "2026-07-28 16:25", "fecha_estimada_fin": "2026-07-31 16:25", "fecha_inicio": null, "fecha_fin": null,
	"creado_por": "soporte@demo-isp", "finalizado_por": null, "vencimiento": null, "archivo_ticket": null,
	"tickets_mensual": 198, "tickets_anual": 2001,
	"servicio": {"id_servicio": 26, "nombre": "Ana Pérez", "ip": "10.0.0.26", "comentarios": "", "fecha_instalacion": "10/03/2023",
		"plan_internet": {"id": 3, "nombre": "Plan 50"}, "zona": {"id": 4, "nombre": "Norte"},
		"router": {"id": 1, "nombre": "R1", "password": "canary-router-password"}},
	"respuestas": [{"respuesta": "Se revisa", "created": "2026-07-28T17:00:00-05:00", "usuario": "jmunoz@demo-isp"},
		{"respuesta": "Listo", "created": "29/07/2026 10:00"}]}`

func wantedTicket() Ticket {
	return Ticket{
		ID: 500, Subject: "Internet Lento - ANA PEREZ", Description: "<p>Lento &amp; caro</p>", State: "Nuevo", Priority: "Normal",
		Department: "Soporte Técnico", Source: "Portal Cliente", Created: zoned("2026-07-28T16:25:24-05:00"),
		EstimatedStart: wall("2026-07-28 16:25", "2026-07-28T16:25:00"), EstimatedEnd: wall("2026-07-31 16:25", "2026-07-31T16:25:00"),
		Technician: "Julián Muñoz", TechnicianEmail: "jmunoz@demo-isp", CreatedBy: "soporte@demo-isp",
		Service: Object[TicketService]{&TicketService{ID: 26, Name: "Ana Pérez", Zone: ref(4, "Norte")}},
		Answers: Answers{
			{"Se revisa", zoned("2026-07-28T17:00:00-05:00"), "jmunoz@demo-isp"},
			{"Listo", wall("29/07/2026 10:00", "2026-07-29T10:00:00"), ""},
		},
	}
}

func TestTickets_Get(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/tickets/500/{$}", answer(t, "", ticketJSON))
	got, err := api.Tickets.Get(t.Context(), 500)
	if err != nil {
		t.Fatalf("Tickets.Get(500) = %v, want no error", err)
	}
	checkRecord(t, *got, wantedTicket())
	checkFailures(t, func(ctx context.Context, api *API) error {
		_, err := api.Tickets.Get(ctx, 500)
		return err
	})
}

func TestTickets_List(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/tickets/{$}", answer(t, "", `{"count": 40, "next": null, "previous": null, "results": [`+ticketJSON+`, 7, null,
		{"id_ticket": "501", "asunto": null, "servicio": null, "respuestas": null, "tecnico": null}]}`))
	got, err := api.Tickets.List(t.Context(), TicketListOptions{})
	if err != nil || got.Count != 40 || len(got.Rows) != 4 {
		t.Fatalf("Tickets.List = %+v, %v, want 4 rows of 40", got, err)
	}
	checkRecord(t, got.Rows[0], wantedTicket())
	for i, want := range []Ticket{{}, {}, {ID: 501}} {
		checkRecord(t, got.Rows[1+i], want)
	}
	checkFailures(t, func(ctx context.Context, api *API) error {
		_, err := api.Tickets.List(ctx, TicketListOptions{})
		return err
	})
}

// WispHub refuses a wide range. The caller can tell it from other refusals.
func TestTickets_ListRefusesAWideRange(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/", reply(http.StatusBadRequest, jsonType, `{"error": "El rango de fechas no puede ser mayor a 2 meses."}`))
	_, err := api.Tickets.List(t.Context(), TicketListOptions{})
	checkError(t, err, ErrRefused, http.StatusBadRequest)
}

func TestTicketListOptions(t *testing.T) {
	t.Parallel()
	// The date sent is that of the time's own zone: 23:30 in Bogotá is the next day in UTC.
	from, to := time.Date(2026, 7, 1, 23, 30, 0, 0, bogota), time.Date(2026, 8, 9, 0, 0, 0, 0, time.UTC)
	for want, options := range map[string]TicketListOptions{
		"":         {},
		"estado=1": {State: TicketNew},
		"estado=5": {State: TicketRescheduled},
		"fecha_creacion_0=2026-07-01&fecha_creacion_1=2026-08-09": {From: from, To: to},
		"fecha_creacion_0=2026-07-01":                             {From: from},
		"fecha_creacion_1=2026-08-09":                             {To: to},
		"limit=300&offset=299":                                    {ListOptions: ListOptions{Limit: 300, Offset: 299}},
		"estado=2&fecha_creacion_0=2026-07-01&fecha_creacion_1=2026-08-09&limit=300&offset=299": {ListOptions{300, 299}, TicketInProgress, from, to},
	} {
		api, mux := setup(t)
		mux.HandleFunc("/api/tickets/{$}", answer(t, want, `{"count": 0, "results": []}`))
		if _, err := api.Tickets.List(t.Context(), options); err != nil {
			t.Errorf("Tickets.List(%+v) = %v, want no error", options, err)
		}
	}
}

// A malformed value costs only its own field.
func TestTicket_Quirks(t *testing.T) {
	t.Parallel()
	first := Answer{"Listo", zoned("2026-07-28T17:00:00-05:00"), "ana"}
	const firstJSON = `{"respuesta": "Listo", "created": "2026-07-28T17:00:00-05:00", "usuario": "ana"}`
	malformed := func(text string) Time { return Time{Text: text, Malformed: true} }
	for field, want := range map[string]Ticket{
		`"respuestas": null`:                                            {},
		`"respuestas": []`:                                              {Answers: Answers{}},
		`"respuestas": ` + firstJSON:                                    {Answers: Answers{first}},
		`"respuestas": [` + firstJSON + `]`:                             {Answers: Answers{first}},
		`"respuestas": [` + firstJSON + `, null]`:                       {},
		`"respuestas": [` + firstJSON + `, {}]`:                         {},
		`"respuestas": [` + firstJSON + `, "x"]`:                        {},
		`"respuestas": [[` + firstJSON + `]]`:                           {},
		`"respuestas": {}`:                                              {},
		`"respuestas": {"count": 1, "results": [` + firstJSON + `]}`:    {},
		`"respuestas": [{"respuesta": {}}]`:                             {},
		`"respuestas": [{"respuesta": null}]`:                           {Answers: Answers{{}}},
		`"respuestas": [{"respuesta": 5, "created": {}, "usuario": 7}]`: {Answers: Answers{{"5", Time{Malformed: true}, "7"}}},
		`"respuestas": "Listo"`:                                         {},
		`"respuestas": 3`:                                               {},
		`"respuestas": true`:                                            {},

		`"prioridad": "Muy Alta"`: {Priority: "Muy Alta"},
		`"prioridad": "4"`:        {Priority: "4"},
		`"prioridad": 4`:          {Priority: "4"},
		`"prioridad": null`:       {},
		`"estado": 2`:             {State: "2"},
		`"estado": {"id": 2}`:     {},

		`"tecnico": "Ana "`: {Technician: "Ana"},
		`"tecnico": null, "email_tecnico": "ana@demo-isp"`: {TechnicianEmail: "ana@demo-isp"},
		`"tecnico": {"id": 3, "nombre": "Ana"}`:            {},

		`"fecha_creacion": "2026-07-28T16:25:24-05:00"`: {Created: zoned("2026-07-28T16:25:24-05:00")},
		`"fecha_creacion": "2026-02-26 10:00"`:          {Created: wall("2026-02-26 10:00", "2026-02-26T10:00:00")},
		`"fecha_creacion": "26/02/2026 10:00"`:          {Created: wall("26/02/2026 10:00", "2026-02-26T10:00:00")},
		`"fecha_creacion": "02/26/2026 10:00"`:          {Created: wall("02/26/2026 10:00", "2026-02-26T10:00:00")},
		`"fecha_creacion": "ayer"`:                      {Created: malformed("ayer")},
		`"fecha_creacion": null`:                        {},

		`"servicio": null`: {},
		`"servicio": 26`:   {},
		`"servicio": {"id_servicio": "26", "zona": "Norte"}`:     {Service: Object[TicketService]{&TicketService{ID: 26}}},
		`"servicio": {"id_servicio": null, "zona": {"id": "4"}}`: {Service: Object[TicketService]{&TicketService{Zone: ref(4, "")}}},
	} {
		api, mux := setup(t)
		mux.HandleFunc("/api/tickets/9/{$}", answer(t, "", `{"id_ticket": 9, `+field+`, "asunto": "Prueba"}`))
		got, err := api.Tickets.Get(t.Context(), 9)
		want.ID, want.Subject = 9, "Prueba"
		if err != nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("ticket with %s = %+v, %v, want %+v", field, got, err, want)
		}
	}
}

func TestTickets_Subjects(t *testing.T) {
	t.Parallel()
	for results, want := range map[string][]Subject{
		`[{"id": 1, "nombre": "Internet Lento "}, {"id": 2, "nombre": "Instatalacion Nueva"}]`: {{"Internet Lento"}, {"Instatalacion Nueva"}},
		`[{"id": 1, "asunto": "Internet Lento"}, {"nombre": "", "asunto": "Otro Asunto"}]`:     {{"Internet Lento"}, {"Otro Asunto"}},
		`["Internet Lento", " Otro Asunto"]`:                                                   {{"Internet Lento"}, {"Otro Asunto"}},
		`["Internet Lento", {"nombre": "Otro Asunto"}, null, [], {}, {"nombre": {}}, 7]`: {
			{"Internet Lento"}, {"Otro Asunto"}, {}, {}, {}, {}, {"7"},
		},
		`[]`: {},
	} {
		for _, body := range []string{
			results, fmt.Sprintf(`{"count": %d, "next": null, "previous": null, "results": %s}`, len(want), results),
		} {
			api, mux := setup(t)
			mux.HandleFunc("/api/tickets/asuntos-tickets/{$}", answer(t, "limit=300", body))
			if got, err := api.Tickets.Subjects(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("Tickets.Subjects of %s = %q, %v, want %q", body, got, err, want)
			}
		}
	}
	checkFailures(t, func(ctx context.Context, api *API) error {
		_, err := api.Tickets.Subjects(ctx)
		return err
	})
}
