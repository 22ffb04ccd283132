package isp

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// A cursor restores the exact position of any client in any order.
func TestCursor_RoundTrip(t *testing.T) {
	t.Parallel()
	local := time.FixedZone("LMT", -(4*60*60 + 56*60 + 16)) // Bogotá until 1914, an offset with seconds
	clients := slices.Clone(simulatedDirectory(300).clients)
	clients = append(clients, &Client{ServiceID: 1},
		&Client{ServiceID: 2, InstalledAt: time.Date(1900, 1, 1, 0, 0, 0, 0, local)},
		&Client{ServiceID: 3, InstalledAt: time.Date(2026, 5, 8, 10, 0, 0, 123456789, bogota)},
		&Client{ServiceID: 4, InstalledAt: time.Date(9999, 12, 31, 23, 59, 59, 0, bogota)},
		&Client{ServiceID: 5, Balance: *decimalOf(t, "-0.001")},
		&Client{ServiceID: 6, Balance: *decimalOf(t, "1e30")},
	)
	for field, key := range sortKeys {
		for _, client := range clients {
			text := key.cursorOf(client, 7)
			position, err := key.position(text, 7)
			if err != nil {
				t.Errorf("%s: position of client %d failed: %v", field, client.ServiceID, err)
				continue
			}
			if key.has(position) != key.has(client) || key.has(client) && key.compareWithID(position, client) != 0 || position.ServiceID != client.ServiceID {
				t.Errorf("%s: position of client %d = %+v, want that of the client", field, client.ServiceID, position)
			}
			if len(text) > maxCursor {
				t.Errorf("%s: the cursor of client %d has %d characters, want at most %d", field, client.ServiceID, len(text), maxCursor)
			}
		}
	}
}

// A cursor is valid for one order, direction, filter and search. The page size may change.
func TestCursor_OfAnotherList(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 200)
	warm(t, upstream, provider)
	list := func(query ClientQuery) (*ClientConnection, error) { return provider.Clients.List(t.Context(), query) }
	base := ClientQuery{
		Filter: &ClientFilter{Status: []ClientStatus{ClientActive}},
		Search: new("a"),
		Order:  &ClientOrder{OrderByName, Ascending},
		First:  new(10),
	}
	page, err := list(base)
	if err != nil {
		t.Fatalf("List() = %v", err)
	}
	base.After = page.PageInfo.EndCursor
	same := map[string]func(*ClientQuery){
		"nothing":               func(*ClientQuery) {},
		"the page size":         func(q *ClientQuery) { q.First = new(2000) },
		"accents in the search": func(q *ClientQuery) { q.Search = new(" Á ") },
	}
	others := map[string]func(*ClientQuery){
		"the order":      func(q *ClientQuery) { q.Order = &ClientOrder{OrderByBalance, Ascending} },
		"the direction":  func(q *ClientQuery) { q.Order = &ClientOrder{OrderByName, Descending} },
		"no order":       func(q *ClientQuery) { q.Order = nil },
		"the filter":     func(q *ClientQuery) { q.Filter = &ClientFilter{Status: []ClientStatus{ClientFree}} },
		"another filter": func(q *ClientQuery) { q.Filter = &ClientFilter{Status: q.Filter.Status, ZoneID: []int{}} },
		"no filter":      func(q *ClientQuery) { q.Filter = nil },
		"the search":     func(q *ClientQuery) { q.Search = new("b") },
		"no search":      func(q *ClientQuery) { q.Search = nil },
		"the cursor":     func(q *ClientQuery) { q.After = new("x" + *q.After) },
	}
	for what, change := range same {
		query := base
		change(&query)
		if _, err := list(query); err != nil {
			t.Errorf("List() after changing %s = %v, want no error", what, err)
		}
	}
	for what, change := range others {
		query := base
		change(&query)
		_, err := list(query)
		wantInputError(t, "List() after changing "+what, err, "after")
	}
}

func TestCursor_Malformed(t *testing.T) {
	t.Parallel()
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	tests := map[string]string{
		"not base64":      "!!!!",
		"padded base64":   base64.URLEncoding.EncodeToString([]byte(`{"l":1,"i":26}`)),
		"not JSON":        encode("cursor:26"),
		"truncated JSON":  encode(`{"l":1,"i":`),
		"another type":    encode(`[1,26]`),
		"text for a hash": encode(`{"l":"1","i":26}`),
		"another hash":    encode(`{"l":2,"i":26,"k":"YQ"}`),
		"too long":        cursor{List: 1, ID: 26, Key: make([]byte, maxCursor)}.String(),
		"NUL":             "\x00",
		"no list":         encode("\x01"),
		"no id":           encode("\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00"),
		"half an id":      encode("\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x80"),
		"neither flag":    encode("\x01\x00\x00\x00\x00\x00\x00\x00\x01\x02\x02"),
		"another version": encode("\x02\x00\x00\x00\x00\x00\x00\x00\x01\x00\x02a"),
	}
	if _, err := sortKeys[OrderByName].position(cursor{List: 1, ID: 26, Key: []byte("a")}.String(), 1); err != nil {
		t.Errorf("position of a valid cursor failed: %v", err)
	}
	for field, key := range sortKeys {
		for name, text := range tests {
			if position, err := key.position(upgradeCursor(text, 1), 1); err == nil {
				t.Errorf("%s: position of a malformed cursor (%s) = %+v, want an error", field, name, position)
			}
		}
	}
	for _, field := range []ClientOrderField{OrderByName, OrderByBalance, OrderByCutOffDate, OrderByInstalledAt} {
		if position, err := sortKeys[field].position(cursor{List: 1, ID: 26}.String(), 1); err == nil {
			t.Errorf("%s: position of a cursor without a key = %+v, want an error", field, position)
		}
	}
	for _, field := range []ClientOrderField{OrderByBalance, OrderByCutOffDate, OrderByInstalledAt} {
		for _, key := range []string{"x", "1e999999999", "2026-02-30", "0001-01-01T00:00:00Z", "\xff\x00"} {
			if position, err := sortKeys[field].position(cursor{List: 1, ID: 26, Key: []byte(key)}.String(), 1); err == nil {
				t.Errorf("%s: position of key %q = %+v, want an error", field, key, position)
			}
		}
	}
}

func FuzzParseCursor(f *testing.F) {
	f.Add("")
	f.Add(cursor{List: 1, ID: 26, Key: []byte("key")}.String())
	f.Add(cursor{List: 1, ID: -1, Null: true}.String())
	f.Add(strings.Repeat("e30", 400))
	f.Add(cursor{List: 1 << 63, ID: 1 << 40, Key: bytes.Repeat([]byte{255}, 256)}.String())
	fields := slices.Sorted(maps.Keys(sortKeys))
	directory := directoryOf(f, map[string]any{"id_servicio": 1, "nombre": "Ana", "saldo": 1}, map[string]any{"id_servicio": 2})
	f.Fuzz(func(t *testing.T, text string) {
		text = upgradeCursor(text, 1)
		c, err := parseCursor(text)
		if err != nil {
			return
		}
		again, err := parseCursor(c.String())
		if err != nil || again.List != c.List || again.ID != c.ID || again.Null != c.Null || !bytes.Equal(again.Key, c.Key) {
			t.Errorf("parseCursor(%q) = %+v, but %+v, %v after encoding it again", text, c, again, err)
		}
		for _, field := range fields {
			position, err := sortKeys[field].position(text, c.List)
			if err != nil {
				continue
			}
			for _, direction := range bothDirections {
				if n := directory.rankings[field].after(position, direction); n < 0 || n > 2 {
					t.Errorf("%s: the client after cursor %q has position %d, want 0 to 2", field, text, n)
				}
			}
		}
	})
}

// Different filters have different hashes.
func TestListHash(t *testing.T) {
	t.Parallel()
	seen := map[uint64]string{}
	for _, filter := range []ClientFilter{
		{}, {Status: []ClientStatus{}}, {ZoneID: []int{1}}, {PlanID: []int{1}}, {RouterID: []int{1}}, {TechnicianID: []int{1}},
		{City: new("a")}, {Locality: new("a")}, {Document: new("a")},
		{BalanceAtLeast: decimalOf(t, "1")}, {BalanceAtMost: decimalOf(t, "1")}, {BalanceAtMost: decimalOf(t, "2")},
		{CutOffFrom: day("2026-05-08")}, {CutOffTo: day("2026-05-08")}, {InstalledFrom: day("2026-05-08")}, {InstalledTo: day("2026-05-08")},
	} {
		text, err := json.Marshal(filter)
		if err != nil {
			t.Fatal(err)
		}
		hash := hashClientList(ClientOrder{OrderByName, Ascending}, &filter, "")
		if other, found := seen[hash]; found {
			t.Errorf("hashClientList(%s) = hashClientList(%s), want different hashes", text, other)
		}
		seen[hash] = string(text)
	}
}
