package isp

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // a machine need not have zones

	"wisphub-graphql/wisphub"
)

// A clock change skips midnight of 2026-09-06 in Santiago.
func santiago(tb testing.TB) locale {
	tb.Helper()
	zone, err := time.LoadLocation("America/Santiago")
	if err != nil {
		tb.Fatal(err)
	}
	return locale{zone: zone, countryCode: "56"}
}

func Test13_14_CutOffDayIsTheDay(t *testing.T) {
	t.Parallel()
	rows := decodeRows(t,
		map[string]any{"id_servicio": 1, "fecha_corte": "6/09/2026", "fecha_instalacion": "06/09/2026"},
		map[string]any{"id_servicio": 2, "fecha_corte": "5/09/2026", "fecha_instalacion": "05/09/2026 23:59:00"},
		map[string]any{"id_servicio": 3, "fecha_corte": "2026-09-06 00:15", "fecha_instalacion": "06/09/2026 00:15:00"},
		map[string]any{"id_servicio": 4, "fecha_corte": "2026-09-06T03:30:00Z", "fecha_instalacion": nil}, // the fifth, in Santiago
		map[string]any{"id_servicio": 5, "fecha_corte": 6092026},
		map[string]any{"id_servicio": 6, "fecha_corte": nil},
		map[string]any{"id_servicio": 7},
	)
	directory := newDirectory(rows, santiago(t), time.Now(), 1)
	var days []Date
	for _, client := range directory.clients {
		days = append(days, client.CutOffDate)
	}
	if want := []Date{"2026-09-06", "2026-09-05", "2026-09-06", "2026-09-05", "", "", ""}; !slices.Equal(days, want) {
		t.Errorf("cut-off dates = %q, want %q", days, want)
	}
	day := Date("2026-09-06")
	for _, test := range []struct {
		name   string
		filter ClientFilter
		want   []int
	}{
		{"cut off on the day", ClientFilter{CutOffFrom: &day, CutOffTo: &day}, []int{1, 3}},
		{"cut off until the day", ClientFilter{CutOffTo: &day}, []int{1, 2, 3, 4}},
		{"installed on the day", ClientFilter{InstalledFrom: &day, InstalledTo: &day}, []int{1, 3}},
	} {
		if got := directory.idsIn(directory.match(&test.filter, nil)); !slices.Equal(got, test.want) {
			t.Errorf("%s = %v, want %v", test.name, got, test.want)
		}
	}
	if got, want := directory.clients[0].InstalledAt.Format(time.RFC3339), "2026-09-06T01:00:00-03:00"; got != want {
		t.Errorf("installed at %s, want %s", got, want)
	}
}

func Test13_14_TicketsAndInvoicesKeepTheirDay(t *testing.T) {
	t.Parallel()
	zone := santiago(t).zone
	day := Date("2026-09-06")
	for _, created := range []string{"2026-09-06", "06/09/2026 00:30:00", "06/09/2026 23:59:59"} {
		row := decodePage[wisphub.Ticket]([]byte(`{"results":[{"id_ticket":1,"fecha_creacion":"` + created + `"}]}`))[0]
		if ticket := newTicket(&row, zone); len((&TicketFilter{CreatedFrom: &day, CreatedTo: &day}).apply([]*Ticket{ticket})) == 0 {
			t.Errorf("ticket of %s was created at %s, want it on %s", created, ticket.CreatedAt, day)
		}
	}
	for text, want := range map[string]Date{
		`"2026-09-06"`: day, `"6/09/2026"`: day, `"2026-09-06T23:30:00-03:00"`: day, `"2026-09-07T02:30:00Z"`: day, `null`: "", `[]`: "", `"hoy"`: "",
	} {
		var row wisphub.Account
		if err := json.Unmarshal([]byte(`{"saldo":"1","facturas":[{"id":1,"total":1,"fecha_vencimiento":`+text+`}]}`), &row); err != nil {
			t.Fatal(err)
		}
		account := newAccount(&row, zone)
		if got := account.OpenInvoices[0].DueOn; got != want {
			t.Errorf("invoice due %s is due on %q, want %q", text, got, want)
		}
	}
}
