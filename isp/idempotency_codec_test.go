package isp

import (
	"reflect"
	"testing"
)

func TestIdempotencyRecord_RoundTrip(t *testing.T) {
	t.Parallel()
	for _, want := range []*idempotencyRecord{
		{Began: moment{63913536000, 5}},
		{Began: moment{63913536000, 0}, Known: true},
		{Began: moment{1, 2}, Known: true, TicketID: 7, Errors: []userErrorRecord{
			{[]string{"input", "phone"}, "no es válido", CodeRefused}, {nil, "", "OF_A_LATER_VERSION"},
		}},
	} {
		data, err := encodeJSON(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decodeIdempotencyRecord(data); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("decodeIdempotencyRecord(%s) = %+v, %v, want %+v", data, got, err, want)
		}
	}
}

func TestDecodeIdempotencyRecord(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]writeResult{
		`{"began":[1,0]}`: unknownResult,
		`{"began":[1,0],"known":true,"ticketId":7,"color":"red"}`:         createdTicket(7),
		`{"began":[1,0],"known":true,"ticketId":-7}`:                      unknownResult,
		`{"began":[1,0],"known":true,"errors":[{"message":"x"}]}`:         unknownResult,
		`{"began":[1,0],"known":true,"errors":[null]}`:                    unknownResult,
		`{"began":[1,0],"known":true,"ticketId":7,"errors":null}`:         createdTicket(7),
		`{"began":[1,0],"known":true,"errors":[{"code":"INVALID"}]}`:      {userErrors: []*UserError{{[]string{}, "", CodeInvalid}}},
		`{"began":[1,0],"ticketId":7,"errors":[{"code":"X","field":[]}]}`: {ticketID: 7, unknown: true, userErrors: []*UserError{{[]string{}, "", "X"}}},
	} {
		read, err := decodeIdempotencyRecord([]byte(text))
		if err != nil || !reflect.DeepEqual(*read.result(), want) {
			t.Errorf("decodeIdempotencyRecord(%s) = %+v, %v, want %+v", text, read, err, want)
		}
	}
	for _, text := range []string{
		"", "null", "{}", "[]", "7", `{"known":true,"ticketId":7}`, `{"began":[0,0],"known":true}`, `{"began":"2026-05-08","known":true}`,
		`{"began":[1,0],"known":"yes"}`, `{"began":[1,0],"ticketId":"7"}`, `{"began":[1,0],"errors":{}}`, `{"began":[1,0]`,
	} {
		if read, err := decodeIdempotencyRecord([]byte(text)); err == nil || read != nil {
			t.Errorf("decodeIdempotencyRecord(%s) = %+v, %v, want an error", text, read, err)
		}
	}
}

func FuzzDecodeIdempotencyRecord(f *testing.F) {
	whole, err := encodeJSON(&idempotencyRecord{moment{63913536000, 5}, true, 7, []userErrorRecord{{[]string{"input"}, "x", CodeInvalid}}})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(whole), "null", `{"began":[-9223372036854775808,9223372036854775807],"errors":[null,{"field":[null,"a"]}]}`,
		`{"began":[1,0],"known":true,"ticketId":-1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		read, err := decodeIdempotencyRecord(data)
		if err != nil {
			return
		}
		read.age()
		got := read.result()
		if got.ticketID < 0 || got.unknown == read.Known {
			t.Errorf("result of %+v = %+v", read, got)
		}
		for _, e := range got.userErrors {
			if e.Field == nil || e.Code == "" {
				t.Errorf("user error %+v, want a field and a code", e)
			}
		}
		if again := newIdempotencyRecord(read.Began, got).result(); !reflect.DeepEqual(again, got) {
			t.Errorf("newIdempotencyRecord(%+v).result() = %+v, want the same", got, again)
		}
	})
}
