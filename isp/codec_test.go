package isp

import (
	"encoding/json"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func TestMoment_IsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(someZones).Draw(t, "zone")
		// The years that WispHub can send, and one more at either end.
		seconds := rapid.Int64Range(zeroSeconds-366*24*3600, zeroSeconds+10_001*366*24*3600).Draw(t, "seconds")
		want := time.Unix(seconds, rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).In(zone)
		if got := momentOf(want).in(zone); !want.IsZero() && !reflect.DeepEqual(got, want) {
			t.Errorf("momentOf(%v).in = %v, want the same", want, got)
		}
	})
	if got := momentOf(time.Time{}).in(bogota); got != (time.Time{}) {
		t.Errorf("momentOf(zero).in = %#v, want the zero time", got)
	}
	epoch := time.Unix(0, 0).In(bogota)
	if got := momentOf(epoch).in(bogota); !reflect.DeepEqual(got, epoch) {
		t.Errorf("momentOf(%v).in = %v, want the same", epoch, got)
	}
}

func wantSameList[T any](t *testing.T, want []*T, id func(*T) int) {
	t.Helper()
	data, err := encodeJSON(want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := decodeList(data, id); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("decodeList(%s) = %+v, %v, want %+v", data, got, err, want)
	}
}

func TestLists_RoundTrip(t *testing.T) {
	t.Parallel()
	wantSameList(t, []*Zone{{"zone:4", 4, "Norte"}, {"zone:2", 2, ""}}, func(z *Zone) int { return z.ZoneID })
	wantSameList(t, []*Zone{}, func(z *Zone) int { return z.ZoneID })
	wantSameList(t, []*Router{{"router:1", 1, "R1", true, "Fibra"}, {ID: "router:2", RouterID: 2}}, func(r *Router) int { return r.RouterID })
	wantSameList(t, []*Staff{{"staff:1", 1, "Ana", "ana@demo-isp", "<ana@demo-isp>"}}, func(s *Staff) int { return s.StaffID })
	wantSameList(t, []*PaymentMethod{{"paymentMethod:1", 1, "Efectivo"}}, func(m *PaymentMethod) int { return m.PaymentMethodID })
	wantSameList(t, knownSubjects(), nil)
}

func TestDecodeList_DropsInvalidRecords(t *testing.T) {
	t.Parallel()
	id := func(z *Zone) int { return z.ZoneID }
	got, err := decodeList([]byte(`[null,{"ZoneID":2,"Name":"Sur","Color":1},{"ZoneID":0},{"ZoneID":-2},{"ZoneID":2},{}]`), id)
	if want := []*Zone{{"", 2, "Sur"}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("decodeList() = %+v, %v, want Sur alone", got, err)
	}
	for _, text := range []string{"", "{}", `[{"ZoneID":"x"}]`, `[`, "7"} {
		if got, err := decodeList([]byte(text), id); err == nil || got != nil {
			t.Errorf("decodeList(%s) = %v, %v, want an error", text, got, err)
		}
	}
}

func TestPlanList_RoundTrip(t *testing.T) {
	t.Parallel()
	want := &planList{types: map[int]PlanType{}}
	want.add(3, "Plan 50", PlanPPPoE)
	want.add(1, "", PlanTypeUnknown)
	want.add(2, "Ñ", PlanPCQ)
	want.add(4, "Q", PlanSimpleQueue)
	for _, list := range []*planList{want, {types: map[int]PlanType{}}} {
		data, err := encodePlanList(list)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decodePlanList(data); err != nil || !reflect.DeepEqual(got, list) {
			t.Errorf("decodePlanList(%s) = %+v, %v, want %+v", data, got, err, list)
		}
	}
	malformed, err := decodePlanList([]byte(`[{"id":1,"type":"FIBRE","more":[]},{"id":0},{"id":-1},{"id":1,"name":"again"},null]`))
	if err != nil || len(malformed.plans) != 1 || *malformed.plans[0] != (Plan{"plan:1", 1, ""}) || malformed.types[1] != PlanTypeUnknown {
		t.Errorf("decodePlanList() = %+v, %v, want plan 1 of unknown type", malformed, err)
	}
	if got, err := decodePlanList([]byte(`{}`)); err == nil || got != nil {
		t.Errorf("decodePlanList({}) = %v, %v, want an error", got, err)
	}
}

func TestPlanDetails_RoundTrip(t *testing.T) {
	t.Parallel()
	for _, want := range []PlanDetails{
		{}, {Price: NewDecimal(decimal.Zero)}, {DownloadSpeed: "20M", DownloadKbps: new(20000), UploadKbps: new(0)},
		{Price: *decimalOf(t, "65000.00"), UploadSpeed: "x"},
	} {
		data, err := encodeJSON(&want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeJSON[PlanDetails](data)
		if err != nil || mustJSON(t, got) != mustJSON(t, want) || got.Price.Compare(want.Price) != 0 {
			t.Errorf("decodeJSON(%s) = %+v, %v, want %+v", data, got, err, want)
		}
	}
	if got, err := decodeJSON[PlanDetails]([]byte("null")); err != nil || got == nil {
		t.Errorf("decodeJSON(null) = %v, %v, want empty details", got, err)
	}
	for _, text := range []string{"", "[]", `{"Price":"x"}`, `{"Price":"1e99"}`} {
		if got, err := decodeJSON[PlanDetails]([]byte(text)); err == nil || got != nil {
			t.Errorf("decodeJSON(%s) = %v, %v, want an error", text, got, err)
		}
	}
}

func TestDecimal_JSON(t *testing.T) {
	t.Parallel()
	for _, want := range []Decimal{{}, NewDecimal(decimal.Zero), *decimalOf(t, "-10.5"), *decimalOf(t, "0.001"), *decimalOf(t, "1e30")} {
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got := *decimalOf(t, "7")
		if err := json.Unmarshal(data, &got); err != nil || got.String() != want.String() || got.IsZero() != want.IsZero() {
			t.Errorf("Unmarshal(%s) = %q, %v, want %q", data, got, err, want)
		}
	}
	for _, text := range []string{`" "`, `"null"`, `"x"`, `true`, `{}`} {
		var got Decimal
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("Unmarshal(%s) = %q, want an error", text, got)
		}
	}
}

// Data that was written while the clock was ahead counts as made now.
func Test14_15_DataOfAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now, ahead := time.Now(), time.Now().Add(30*24*time.Hour)
		d := directoryOf(t, map[string]any{"id_servicio": 1})
		d.asOf, d.crawls = ahead, []crawlCost{{now.Add(-time.Minute), 67}, {ahead, 80}}
		data, err := encodeDirectory(d)
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := decodeDirectory(data, colombia, 2)
		if err != nil || !decoded.asOf.Equal(now) || !decoded.clients[0].AsOf().Equal(now) {
			t.Errorf("decodeDirectory() = %+v, %v, want it as of now", decoded, err)
		}
		if got := decoded.crawls; len(got) != 2 || !got[0].began.Equal(now.Add(-time.Minute)) || !got[1].began.Equal(now) {
			t.Errorf("crawls = %+v, want a minute ago and now", got)
		}
		pacing := refreshPacing{ttl: 5 * time.Minute}
		pacing.merge(decoded.crawls...)
		if at := now.Add(time.Hour); pacing.exhausted(at, 200) || pacing.callsInHour(at) > 0 {
			t.Errorf("%d calls of crawls count an hour later, want none", pacing.callsInHour(at))
		}
		if data, err = encodeTicketSet(&ticketSet{asOf: ahead}); err != nil {
			t.Fatal(err)
		}
		if set, err := decodeTicketSet(data, bogota, 1); err != nil || !set.asOf.Equal(now) {
			t.Errorf("decodeTicketSet() = %+v, %v, want it as of now", set, err)
		}
		if data, err = encodeJSON(&idempotencyRecord{Began: momentOf(ahead), Known: true}); err != nil {
			t.Fatal(err)
		}
		if record, err := decodeIdempotencyRecord(data); err != nil || record.age() != 0 {
			t.Errorf("decodeIdempotencyRecord() = %+v, %v, want the age 0", record, err)
		}
	})
}

// A record that was read while the clock was ahead gives way to the next one, and to the next list.
func Test14_15_OverrideOfAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := overrides[*Ticket]{id: func(ticket *Ticket) int { return ticket.TicketID }}
		ahead := time.Now().Add(24 * time.Hour)
		o.add([]*Ticket{{TicketID: 1, Subject: "ahead"}, {TicketID: 2, Subject: "ahead"}}, ahead)
		o.add([]*Ticket{{TicketID: 1, Subject: "now"}}, time.Now())
		if known, ok := o.get(1); !ok || known.record.Subject != "now" {
			t.Errorf("override = %+v, want the one that was read now", known)
		}
		if newer := o.newerThan(time.Now(), time.Now()); len(newer) != 2 {
			t.Errorf("%d overrides are newer than a list of now, want both", len(newer))
		}
		time.Sleep(time.Minute)
		if newer := o.newerThan(time.Now(), time.Now()); len(newer) != 0 {
			t.Errorf("%d overrides hide a list that was read a minute later, want none", len(newer))
		}
	})
}
