package isp

import (
	"fmt"
	"slices"
	"testing"
	"time"
	"wisphub-graphql/isp/phone"
)

// What a neighbouring version wrote is read: what it knows more is passed over, what it knows less is absent.
func TestDirectoryOfAnotherVersion(t *testing.T) {
	t.Parallel()
	read, err := decodeDirectory([]byte(`{"asOf":[63913536000,5],"color":"red","plans":[{"ID":"plan:1","PlanID":1,"Name":"P","Speed":{}}],
		"clients":[{"id":26,"name":"Ana","plan":1,"hobbies":[1,{}]}]}`), colombia, 7)
	if err != nil {
		t.Fatal(err)
	}
	c := read.byID[26]
	if c == nil || c.Name != "Ana" || c.ID != "client:26" || c.Plan == nil || c.Plan.Name != "P" || c.Zone != nil ||
		c.Status != ClientUnknown || c.InvoiceStatus != InvoicesUnknown || c.Phones == nil || !c.Balance.IsZero() {
		t.Errorf("client 26 = %+v, want Ana and her plan", c)
	}
	if read.version != 7 || !c.AsOf.Equal(time.Date(2026, 5, 5, 0, 0, 0, 5, time.UTC)) {
		t.Errorf("version %d, as of %v", read.version, c.AsOf)
	}
}

const malformedDirectory = `{"asOf":[63913536000,0],"plans":[null,{"PlanID":0},{"PlanID":-1},{"ID":"plan:1","PlanID":1}],"zones":[null],"clients":[
	{"id":5,"plan":4,"balance":"9e9999","planPrice":"x","cutOffDate":"\"},{","invoiceStatus":"RICH","status":"Loco","location":{"Latitude":91}},
	{"id":1,"plan":1,"zone":1},{"id":2,"plan":2,"zone":-9},{"id":3,"plan":3,"zone":9},{"id":0},{"id":-4},
	{"id":5,"name":"again"},{"id":6,"installed":[-9223372036854775808,-1],"updated":[9223372036854775807,9223372036854775807],"phone":","}]}`

func TestDecodeDirectoryDropsWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	read, err := decodeDirectory([]byte(malformedDirectory), colombia, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := idsOf(read.clients), []int{1, 2, 3, 5, 6}; !slices.Equal(got, want) {
		t.Fatalf("clients %v, want %v", got, want)
	}
	for _, id := range []int{1, 2, 3} {
		if c := read.byID[id]; c.Plan != nil || c.Zone != nil {
			t.Errorf("client %d has plan %v and zone %v, want none", id, c.Plan, c.Zone)
		}
	}
	c := read.byID[5]
	if c.Name != "" || c.Plan == nil || !c.Balance.IsZero() || !c.PlanPrice.IsZero() || c.CutOffDate != "" ||
		c.Status != ClientUnknown || c.InvoiceStatus != InvoicesUnknown || c.Location != nil {
		t.Errorf("client 5 = %+v, want nothing but its plan", c)
	}
	exerciseDirectory(t, read)
}

// An empty list by mistake would be served as the list.
func TestDecodeDirectoryRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "null", "{}", "[]", "7", `{"asOf":null,"clients":[]}`, `{"asOf":[0,0]}`, `{"asOf":"2026-05-08"}`,
		`{"asOf":[63913536000,0],"clients":[{"id":"x"}]}`,
		`{"asOf":[63913536000,0],"clients":[{"id":1}`, `{"asOf":[63913536000,0],"clients":{}}`,
	} {
		if read, err := decodeDirectory([]byte(text), colombia, 1); err == nil || read != nil {
			t.Errorf("decodeDirectory(%s) = %v, %v, want an error", text, read, err)
		}
	}
}

// exerciseDirectory asks a directory everything that the faces could.
func exerciseDirectory(tb testing.TB, d *directory) {
	tb.Helper()
	for field := range sortKeys {
		for _, direction := range bothDirections {
			page := pageOf(tb, d, ClientQuery{Order: &ClientOrder{field, direction}, First: new(2)})
			mustJSON(tb, page.Stats())
			if page.PageInfo.EndCursor != nil {
				pageOf(tb, d, ClientQuery{Order: &ClientOrder{field, direction}, After: page.PageInfo.EndCursor})
			}
		}
	}
	for _, client := range d.clients {
		key, ids := lookup{field: byPhone, normalized: phone.Digits(string(client.Phone))}, []int{}
		for _, found := range d.find(key) {
			ids = append(ids, found.ServiceID)
		}
		_ = fmt.Sprint(ids, client.InstalledAt.Format(time.RFC3339), client.UpdatedAt.Format(time.RFC3339), client.AsOf.Format(time.RFC3339))
	}
	words, err := colombia.searchWords("ana 300")
	if err != nil {
		tb.Fatal(err)
	}
	d.match(&ClientFilter{ZoneID: []int{1}, PlanID: []int{1}}, words)
}

func FuzzDecodeDirectory(f *testing.F) {
	whole, err := encodeDirectory(directoryOf(f,
		map[string]any{"id_servicio": 1, "nombre": "Ana", "telefono": "3000000001", "saldo": "1.5", "coordenadas": "1,2", "plan_internet": ref(1)},
		map[string]any{"id_servicio": 2, "fecha_instalacion": "8/05/2026", "router": ref(2)},
	))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{string(whole), malformedDirectory, "null", `{"asOf":[1,1],"clients":[{"id":1},null]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		read, err := decodeDirectory(data, colombia, 1)
		if err != nil {
			return
		}
		last := 0
		for _, client := range read.clients {
			if client.ServiceID <= last {
				t.Errorf("client %d behind %d", client.ServiceID, last)
			}
			last = client.ServiceID
		}
		exerciseDirectory(t, read)
		wantSameDirectory(t, roundTrip(t, read), read)
	})
}
