package isp

import (
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"
)

// formerCursor returns a cursor as the versions before 1 wrote it, for the list of a query.
func formerCursor(tb testing.TB, id int, key string, query ...any) string {
	c := jsonCursor{List: jsonListHash(query...), ID: id, Key: []byte(key), Null: key == ""}
	return base64.RawURLEncoding.EncodeToString([]byte(mustJSON(tb, c)))
}

// A cursor that was written before an upgrade leads to the same page, of its own list only.
func Test16_5_FormerCursorsAreAccepted(t *testing.T) {
	t.Parallel()
	filter, order := ClientFilter{Status: []ClientStatus{ClientActive}}, ClientOrder{OrderByBalance, Descending}
	after := formerCursor(t, 7, "20000.00", order, filter, "ana")
	for name, test := range map[string]struct {
		query  ClientQuery
		wanted bool
	}{
		"its list":      {ClientQuery{Filter: &filter, Order: &order, Search: new(" Ána"), After: &after}, true},
		"another order": {ClientQuery{Filter: &filter, Search: new("ana"), After: &after}, false},
		"no search":     {ClientQuery{Filter: &filter, Order: &order, After: &after}, false},
		"no filter":     {ClientQuery{Order: &order, Search: new("ana"), After: &after}, false},
	} {
		parsed, err := test.query.parse(colombia)
		if (err == nil) != test.wanted {
			t.Errorf("%s: parse() = %v, want success = %t", name, err, test.wanted)
		} else if err == nil && (parsed.after.ServiceID != 7 || parsed.after.Balance.String() != "20000.00") {
			t.Errorf("%s: the page begins after %+v, want client 7 with 20000.00", name, parsed.after)
		}
	}
	instant, _ := on("05-08 10:00").UTC().MarshalBinary()
	for key, want := range map[string]time.Time{string(instant): on("05-08 10:00"), "": {}} {
		after := formerCursor(t, 9, key, "tickets", TicketFilter{})
		parsed, err := TicketQuery{After: &after}.parse(firstDay)
		if err != nil || parsed.after.TicketID != 9 || !parsed.after.CreatedAt.Equal(want) {
			t.Errorf("tickets after a former cursor = %+v, %v, want ticket 9 of %v", parsed, err, want)
		}
		_, err = TicketQuery{After: &after, Filter: &TicketFilter{ZoneID: []int{1}}}.parse(firstDay)
		wantInputError(t, "parse() under another filter", err, "after")
	}
}

// Cursors that the version before has written. Their queries stay as they were.
func Test16_5_WrittenCursorsAreAccepted(t *testing.T) {
	t.Parallel()
	active := ClientFilter{Status: []ClientStatus{ClientActive}}
	full := ClientFilter{
		Status: active.Status, InvoiceStatus: []InvoiceStatus{InvoicesPaid}, ZoneID: []int{1}, PlanID: []int{}, RouterID: []int{3},
		TechnicianID: []int{4}, City: new("Bello"), Locality: new(""), BalanceAtLeast: decimalOf(t, "1.50"),
		BalanceAtMost: decimalOf(t, "2"), CutOffFrom: day("2026-05-01"), InstalledTo: day("2026-05-08"),
	}
	for _, test := range []struct {
		after string
		query ClientQuery
		key   string // of the client before the page
	}{
		{"eyJsIjoxNzczNTI0NTc4ODI1MzE2Njg5MywiaSI6NywiayI6Ik1qQXdNREF1TURBPSJ9",
			ClientQuery{Filter: &active, Order: &ClientOrder{OrderByBalance, Descending}, Search: new(" Ána")}, "20000.00"},
		{"eyJsIjo2NDc5MzU0OTE1MzM5NTU3NDMyLCJpIjo3LCJrIjoiQWY4PSJ9",
			ClientQuery{Filter: &full, Order: &ClientOrder{OrderByName, Ascending}}, "\x01\xff"},
		{"eyJsIjo0NTcyNDc0OTgyMzUzNDM3NzE3LCJpIjo3fQ", ClientQuery{}, ""},
	} {
		test.query.After = &test.after
		parsed, err := test.query.parse(colombia)
		if err != nil || parsed.after.ServiceID != 7 || parsed.after.Balance.String()+parsed.after.nameKey != test.key {
			t.Errorf("parse(%s) = %+v, %v, want a page after client 7 with %q", test.after, parsed, err, test.key)
		}
	}
	filter := &TicketFilter{ZoneID: []int{1}, Status: []TicketStatus{TicketNew}, CreatedFrom: day("2026-05-01")}
	for after, want := range map[string]time.Time{
		"eyJsIjoxMDA0Njg5MDgzNDExNzI5NTA0NiwiaSI6OSwiayI6IkFRQUFBQTdoai9Gd0FBQUFBUC8vIn0": on("05-08 10:00"),
		"eyJsIjoxMDA0Njg5MDgzNDExNzI5NTA0NiwiaSI6OSwibiI6dHJ1ZX0":                         {},
	} {
		parsed, err := TicketQuery{Filter: filter, After: &after}.parse(firstDay)
		if err != nil || parsed.after.TicketID != 9 || !parsed.after.CreatedAt.Equal(want) {
			t.Errorf("parse(%s) = %+v, %v, want a page after ticket 9 of %v", after, parsed, err, want)
		}
	}
}

// The hashes of lists are part of cursors, which survive a restart and reach other replicas.
func Test16_5_ListHashesAreStable(t *testing.T) {
	t.Parallel()
	filter := &ClientFilter{ZoneID: []int{1, 2}, City: new("Bello"), BalanceAtLeast: decimalOf(t, "1"), CutOffTo: day("2026-05-08")}
	if got, want := hashClientList(ClientOrder{OrderByName, Descending}, filter, "ana"), uint64(0x8a815122bca3be44); got != want {
		t.Errorf("hash of a list of clients = %#x, want %#x", got, want)
	}
	if got, want := hashTicketList(&TicketFilter{Status: []TicketStatus{TicketNew}}), uint64(0xc028f45c9529bf1d); got != want {
		t.Errorf("hash of a list of tickets = %#x, want %#x", got, want)
	}
}

// A cursor costs its text, and the hash of a list nothing.
func Test16_5_CursorsAllocateTheirTextOnly(t *testing.T) {
	d := simulatedDirectory(20)
	for field, key := range sortKeys {
		if got := testing.AllocsPerRun(100, func() { _ = key.cursorOf(d.clients[3], 7) }); got > 1 {
			t.Errorf("a cursor by %s allocates %v times, want 1", field, got)
		}
	}
	connection, ticket := &TicketConnection{hash: 7}, &Ticket{TicketID: 9, CreatedAt: on("05-08 10:00")}
	if got := testing.AllocsPerRun(100, func() { _ = connection.cursor(ticket) }); got > 1 {
		t.Errorf("the cursor of a ticket allocates %v times, want 1", got)
	}
	order, filter := ClientOrder{OrderByName, Ascending}, &ClientFilter{ZoneID: []int{1}, City: new("Bello"), BalanceAtLeast: decimalOf(t, "1")}
	if got := testing.AllocsPerRun(100, func() { hashClientList(order, filter, "ana") }); got > 0 {
		t.Errorf("the hash of a list allocates %v times, want 0", got)
	}
}

// Every field of a filter is part of its list's hash: a new field must be added to the hash by hand.
func Test16_5_ListHashesHaveEveryField(t *testing.T) {
	t.Parallel()
	hash := func(text string) (clients, tickets uint64) {
		var client ClientFilter
		var ticket TicketFilter
		if json.Unmarshal([]byte(text), &client) != nil || json.Unmarshal([]byte(text), &ticket) != nil {
			t.Fatalf("%s is no filter", text)
		}
		return hashClientList(ClientOrder{}, &client, ""), hashTicketList(&ticket)
	}
	clients, tickets := hash("{}")
	fields := func(filter any) (all map[string]any) {
		_ = json.Unmarshal([]byte(mustJSON(t, filter)), &all)
		return all
	}
	sample := func(field string) string {
		for _, value := range []string{`[]`, `"2026-05-08"`, `"1"`} {
			text := `{"` + field + `":` + value + `}`
			if json.Unmarshal([]byte(text), &ClientFilter{}) == nil && json.Unmarshal([]byte(text), &TicketFilter{}) == nil {
				return text
			}
		}
		t.Fatalf("no sample of %s", field)
		return ""
	}
	for field := range fields(ClientFilter{}) {
		if with, _ := hash(sample(field)); with == clients {
			t.Errorf("the hash of a list of clients lacks %s", field)
		}
	}
	for field := range fields(TicketFilter{}) {
		if _, with := hash(sample(field)); with == tickets {
			t.Errorf("the hash of a list of tickets lacks %s", field)
		}
	}
}
