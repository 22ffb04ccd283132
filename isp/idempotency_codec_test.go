package isp

import (
	"reflect"
	"testing"
)

func TestOutcomesAreReadAsTheyWereWritten(t *testing.T) {
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
			t.Errorf("decodeOutcome(%s) = %+v, %v, want %+v", data, got, err, want)
		}
	}
}

func TestDecodeOutcome(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]writeResult{
		`{"began":[1,0]}`: unknownOutcome,
		`{"began":[1,0],"known":true,"ticketId":7,"color":"red"}`:         sentTicket(7),
		`{"began":[1,0],"known":true,"ticketId":-7}`:                      unknownOutcome,
		`{"began":[1,0],"known":true,"errors":[{"message":"x"}]}`:         unknownOutcome,
		`{"began":[1,0],"known":true,"errors":[null]}`:                    unknownOutcome,
		`{"began":[1,0],"known":true,"ticketId":7,"errors":null}`:         sentTicket(7),
		`{"began":[1,0],"known":true,"errors":[{"code":"INVALID"}]}`:      {sent: true, userErrors: []*UserError{{[]string{}, "", CodeInvalid}}},
		`{"began":[1,0],"ticketId":7,"errors":[{"code":"X","field":[]}]}`: {ticketID: 7, unknown: true, sent: true, userErrors: []*UserError{{[]string{}, "", "X"}}},
	} {
		read, err := decodeIdempotencyRecord([]byte(text))
		if err != nil || !reflect.DeepEqual(*read.result(), want) {
			t.Errorf("decodeOutcome(%s) = %+v, %v, want %+v", text, read, err, want)
		}
	}
	for _, text := range []string{
		"", "null", "{}", "[]", "7", `{"known":true,"ticketId":7}`, `{"began":[0,0],"known":true}`, `{"began":"2026-05-08","known":true}`,
		`{"began":[1,0],"known":"yes"}`, `{"began":[1,0],"ticketId":"7"}`, `{"began":[1,0],"errors":{}}`, `{"began":[1,0]`,
	} {
		if read, err := decodeIdempotencyRecord([]byte(text)); err == nil || read != nil {
			t.Errorf("decodeOutcome(%s) = %+v, %v, want an error", text, read, err)
		}
	}
}

func FuzzDecodeOutcome(f *testing.F) {
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
		if !got.sent || got.ticketID < 0 || got.unknown == read.Known {
			t.Errorf("outcome %+v of %+v", got, read)
		}
		for _, e := range got.userErrors {
			if e.Field == nil || e.Code == "" {
				t.Errorf("user error %+v, want a field and a code", e)
			}
		}
		if again := newIdempotencyRecord(read.Began, got).result(); !reflect.DeepEqual(again, got) {
			t.Errorf("%+v is remembered as %+v", got, again)
		}
	})
}
