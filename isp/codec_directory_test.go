package isp

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"wisphub-graphql/isp/phone"
)

// Another version of the program may write unknown keys and leave out known ones.
func TestDecodeDirectory_OtherVersion(t *testing.T) {
	t.Parallel()
	decoded, err := decodeDirectory([]byte(`{"asOf":[63913536000,5],"color":"red","plans":[{"ID":"plan:1","PlanID":1,"Name":"P","Speed":{}}],
		"clients":[{"id":26,"name":"Ana","plan":1,"hobbies":[1,{}]}]}`), colombia, 7)
	if err != nil {
		t.Fatal(err)
	}
	c := decoded.byID(26)
	if c == nil || c.Name != "Ana" || c.ID != "client:26" || c.Plan == nil || c.Plan.Name != "P" || c.Zone != nil ||
		c.Status != ClientUnknown || c.InvoiceStatus != InvoicesUnknown || c.Phones == nil || !c.Balance.IsZero() {
		t.Errorf("client 26 = %+v, want Ana with plan 1", c)
	}
	if decoded.version != 7 || !c.AsOf().Equal(time.Date(2026, 5, 5, 0, 0, 0, 5, time.UTC)) {
		t.Errorf("version %d, AsOf %v, want 7 and 2026-05-05T00:00:00.000000005Z", decoded.version, c.AsOf())
	}
}

const malformedDirectory = `{"asOf":[63913536000,0],"plans":[null,{"PlanID":0},{"PlanID":-1},{"ID":"plan:1","PlanID":1}],"zones":[null],"clients":[
	{"id":5,"plan":4,"balance":"9e9999","planPrice":"x","cutOffDate":"\"},{","invoiceStatus":"RICH","status":"Loco","location":{"Latitude":91}},
	{"id":1,"plan":1,"zone":1},{"id":2,"plan":2,"zone":-9},{"id":3,"plan":3,"zone":9},{"id":0},{"id":-4},
	{"id":5,"name":"again"},{"id":6,"installed":[-9223372036854775808,-1],"updated":[9223372036854775807,9223372036854775807],"phone":","}]}`

func TestDecodeDirectory_DropsMalformedValues(t *testing.T) {
	t.Parallel()
	decoded, err := decodeDirectory([]byte(malformedDirectory), colombia, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := idsOf(decoded.clients), []int{1, 2, 3, 5, 6}; !slices.Equal(got, want) {
		t.Fatalf("clients %v, want %v", got, want)
	}
	for _, id := range []int{1, 2, 3} {
		if c := decoded.byID(id); c.Plan != nil || c.Zone != nil {
			t.Errorf("client %d has plan %v and zone %v, want none", id, c.Plan, c.Zone)
		}
	}
	c := decoded.byID(5)
	if c.Name != "" || c.Plan == nil || !c.Balance.IsZero() || !c.PlanPrice.IsZero() || c.CutOffDate != "" ||
		c.Status != ClientUnknown || c.InvoiceStatus != InvoicesUnknown || c.Location != nil {
		t.Errorf("client 5 = %+v, want no values except the plan", c)
	}
	exerciseDirectory(t, decoded)
}

// If an invalid file were decoded as an empty list, callers would see no clients.
func TestDecodeDirectory_Invalid(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "null", "{}", "[]", "7", `{"asOf":null,"clients":[]}`, `{"asOf":[0,0]}`, `{"asOf":"2026-05-08"}`,
		`{"asOf":[63913536000,0],"clients":[{"id":"x"}]}`,
		`{"asOf":[63913536000,0],"clients":[{"id":1}`, `{"asOf":[63913536000,0],"clients":{}}`,
	} {
		if decoded, err := decodeDirectory([]byte(text), colombia, 1); err == nil || decoded != nil {
			t.Errorf("decodeDirectory(%s) = %v, %v, want an error", text, decoded, err)
		}
	}
}

// exerciseDirectory calls everything that the APIs call.
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
		_ = fmt.Sprint(ids, client.InstalledAt.Format(time.RFC3339), client.UpdatedAt.Format(time.RFC3339), client.AsOf().Format(time.RFC3339))
	}
	words, err := colombia.searchWords("ana 300")
	if err != nil {
		tb.Fatal(err)
	}
	d.match(&ClientFilter{ZoneID: []int{1}, PlanID: []int{1}}, words)
}

func FuzzDecodeDirectory(f *testing.F) {
	valid, err := encodeDirectory(directoryOf(f,
		map[string]any{"id_servicio": 1, "nombre": "Ana", "telefono": "3000000001", "saldo": "1.5", "coordenadas": "1,2", "plan_internet": ref(1)},
		map[string]any{"id_servicio": 2, "fecha_instalacion": "8/05/2026", "router": ref(2)},
	))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{string(valid), malformedDirectory, "null", `{"asOf":[1,1],"clients":[{"id":1},null]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		decoded, err := decodeDirectory(data, colombia, 1)
		if err != nil {
			return
		}
		last := 0
		for _, client := range decoded.clients {
			if client.ServiceID <= last {
				t.Errorf("client %d after client %d, want ascending ids", client.ServiceID, last)
			}
			last = client.ServiceID
		}
		exerciseDirectory(t, decoded)
		wantSameDirectory(t, roundTrip(t, decoded), decoded)
	})
}
