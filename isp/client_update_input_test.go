package isp

import (
	"slices"
	"strings"
	"testing"

	"wisphub-graphql/isp/phone"
	"wisphub-graphql/wisphub/wisphubtest"
)

// WispHub decides what a phone or a document is: real records have all of these.
func Test13_10_WhatWispHubAcceptsIsAccepted(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 3)
	warm(t, upstream, provider)
	id := upstream.IDs()[0]
	for _, text := range []string{
		"300123", "77", "1", "no tiene", "N/A", "-", ",", "3001112233, 99", "3001112233 (esposa)", "ext. 12", "1234567890123456",
		"+57 300 111 2233", "V-12.345.678-9", "J123456789", "10;20", "CURP GOMC900101HDFRRR09", strings.Repeat("7", 200), "",
	} {
		payload, err := provider.Clients.Update(t.Context(), UpdateClientInput{ServiceID: id, Phone: &text, Document: &text})
		if err != nil || len(payload.UserErrors) > 0 {
			t.Errorf("Update(%q) = %+v, %v, want no error", text, payload, err)
			continue
		}
		row := upstream.Row(id)
		if row["telefono"] != text || row["cedula"] != text || string(payload.Client.Phone) != text || string(payload.Client.Document) != text {
			t.Errorf("Update(%q) = %q and %q, want the text in both", text, payload.Client.Phone, payload.Client.Document)
		}
	}
}

// Control characters and endless texts cannot be right.
func Test13_10_WhatCannotBeRightIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"<77>":                     "Must not hold < or >.",
		"300\x00123":               "Must not hold control characters.",
		"300\n123":                 "Must not hold control characters.",
		"300\u202e123":             "Must not hold control characters.",
		"300\u2028123":             "Must not hold control characters.",
		"300\xff123":               "Must not hold control characters.",
		strings.Repeat("ñ", 201):   "Must be at most 200 characters.",
		strings.Repeat("7", 5_000): "Must be at most 200 characters.",
	} {
		input := UpdateClientInput{ServiceID: 26, Phone: &text, Document: &text}
		wantUserErrors(t, text, input.Check(), "input.document INVALID "+want, "input.phone INVALID "+want)
	}
}

// A phone without a number and a document without letters and digits are verified as text.
func Test13_10_UnusualTextsAreVerified(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 3)
	warm(t, upstream, provider)
	id := upstream.IDs()[0]
	upstream.SetFaults(wisphubtest.Faults{EchoOnly: []string{"telefono", "cedula"}})
	for _, text := range []string{"no tiene", "-", ".", "300123", "77"} {
		payload, err := provider.Clients.Update(t.Context(), UpdateClientInput{ServiceID: id, Phone: &text, Document: &text})
		if err != nil {
			t.Fatal(err)
		}
		const notApplied = " NOT_APPLIED WispHub answered success, but a fresh read shows another value."
		wantUserErrors(t, text, payload.UserErrors, "input.document"+notApplied, "input.phone"+notApplied)
	}
	before := &Client{Phone: "3000000001", Phones: phone.Split("3000000001"), Document: "1", document: "1"}
	input := UpdateClientInput{Phone: new("no tiene"), Document: new(".")}
	var fields []string
	for _, wrong := range input.notApplied(colombia, before, &Client{Phones: []string{}}, nil) { // WispHub cleared both
		fields = append(fields, wrong.Field[1])
	}
	if want := []string{"document", "phone"}; !slices.Equal(fields, want) {
		t.Errorf("notApplied() = %q for cleared texts, want %q", fields, want)
	}
}
