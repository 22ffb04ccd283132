package ping

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"wisphub-graphql/isp/text"
)

// wantReport compares the diagnosis, its message and the counts.
func wantReport(tb testing.TB, what string, got *Report, connection Status, sent, received int) {
	tb.Helper()
	if got == nil {
		tb.Errorf("Diagnose(%s) = nil, want %s", what, connection)
		return
	}
	if got.Connection != connection || got.Sent != sent || got.Received != received {
		tb.Errorf("Diagnose(%s) = %s, %d of %d received, want %s, %d of %d",
			what, got.Connection, got.Received, got.Sent, connection, received, sent)
	}
	if got.Message != messages[connection] || got.Message == "" {
		tb.Errorf("Diagnose(%s).Message = %q, want %q", what, got.Message, messages[connection])
	}
}

const (
	goodProbe   = `{"received": "1", "host": "10.0.0.26", "sent": "1", "packet-loss": "0", "seq": "0", "time": "1ms287us", "ttl": "64", "size": "56"}`
	arpProbe    = `{"received": "1", "host": "02:00:00:00:00:1A", "sent": "1", "packet-loss": "0", "seq": "0", "time": "850us"}`
	numberProbe = `{"received": 1, "host": 7, "sent": 1, "packet-loss": 0, "seq": 0, "time": 3}`
	lostProbe   = `{"status": "timeout", "host": "10.0.0.26", "received": "0", "sent": "1", "packet-loss": "100", "seq": "0"}`
	hopProbe    = `{"status": "host unreachable", "host": "198.51.100.7", "received": "0", "sent": "1", "time": "31ms402us", "ttl": "61", "size": "84"}`
	// countedHop is a hop's answer that says received, which ping-exitoso counts as a success.
	countedHop = `{"status": "Host Unreachable ", "host": "198.51.100.7", "received": "1", "sent": "1", "time": "31ms402us"}`
	tupleError = `"('Error \"input does not match any value of interface\" executing command /ping =count=1', 'input does not match any value of interface')"`
	plainError = `"failure: interface needs to be specified for arp ping"`
)

// pingResult is a result as WispHub sends it: one object a probe, then a summary that counts every
// probe as a success.
func pingResult(probes ...string) string {
	var objects []string
	for i, probe := range probes {
		objects = append(objects, fmt.Sprintf(`{"ping-%d": %s}`, i+1, probe))
	}
	return "[" + strings.Join(append(objects, fmt.Sprintf(`{"ping-exitoso": "%[1]d de %[1]d"}`, len(probes))), ", ") + "]"
}

func repeat(probe string, n int) []string { return slices.Repeat([]string{probe}, n) }

func TestDiagnose(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		result         string
		want           Status
		sent, received int
		loss           float64
	}{
		"stable":                  {pingResult(repeat(goodProbe, 4)...), Stable, 4, 4, 0},
		"exactly 80 %":            {pingResult(goodProbe, goodProbe, lostProbe, goodProbe, goodProbe), Stable, 5, 4, 20},
		"below 80 %":              {pingResult(goodProbe, goodProbe, lostProbe, goodProbe), Intermittent, 4, 3, 25},
		"one of three":            {pingResult(lostProbe, goodProbe, lostProbe), Intermittent, 3, 1, 66.67},
		"one of many":             {pingResult(append(repeat(lostProbe, 99), goodProbe)...), Intermittent, 100, 1, 99},
		"a hop and one reply":     {pingResult(hopProbe, goodProbe, hopProbe), Intermittent, 3, 1, 66.67},
		"antenna only":            {pingResult(hopProbe, lostProbe), AntennaOnly, 2, 0, 100},
		"a hop that counts":       {pingResult(countedHop, countedHop), AntennaOnly, 2, 0, 100},
		"none":                    {pingResult(lostProbe, lostProbe), NoInternet, 2, 0, 100},
		"ARP":                     {pingResult(arpProbe, arpProbe), Stable, 2, 2, 0},
		"router errors":           {pingResult(tupleError, plainError), Failed, 0, 0, 0},
		"errors and replies":      {pingResult(tupleError, goodProbe, tupleError), Stable, 1, 1, 0},
		"errors and a timeout":    {pingResult(tupleError, lostProbe), NoInternet, 1, 0, 100},
		"errors and a hop":        {pingResult(tupleError, hopProbe), AntennaOnly, 1, 0, 100},
		"numbers":                 {pingResult(numberProbe, numberProbe), Stable, 2, 2, 0},
		"several received":        {pingResult(`{"received": "3", "sent": "3"}`), Stable, 1, 1, 0},
		"malformed received":      {pingResult(`{"received": "sí"}`, `{"received": {}}`, `{}`, `{"received": true}`), NoInternet, 4, 0, 100},
		"no summary":              {`[{"ping-1": ` + goodProbe + `}]`, Stable, 1, 1, 0},
		"an object for the list":  {`{"ping-2": ` + lostProbe + `, "ping-1": ` + goodProbe + `, "ping-exitoso": "1 de 2"}`, Intermittent, 2, 1, 50},
		"several in an object":    {`[{"ping-1": ` + goodProbe + `, "ping-2": ` + goodProbe + `}]`, Stable, 2, 2, 0},
		"bare errors in the list": {`[` + plainError + `, ` + tupleError + `]`, Failed, 0, 0, 0},
		"a bare error":            {plainError, Failed, 0, 0, 0},
		"bare errors and a reply": {`[` + plainError + `, {"ping-2": ` + goodProbe + `}]`, Stable, 1, 1, 0},
		"no object or text":       {pingResult("null", "[]", "5", `""`), Failed, 0, 0, 0},
		"upper case":              {`[{"PING-1": ` + goodProbe + `}]`, Stable, 1, 1, 0},
	}
	for name, test := range tests {
		got := Diagnose(json.RawMessage(test.result))
		wantReport(t, name, got, test.want, test.sent, test.received)
		if got != nil && got.LossPercent != test.loss {
			t.Errorf("Diagnose(%s).LossPercent = %v, want %v", name, got.LossPercent, test.loss)
		}
	}
}

// The results of other tasks have no diagnosis.
func TestDiagnose_OtherResults(t *testing.T) {
	t.Parallel()
	for _, result := range []string{
		``, `null`, `[]`, `{}`, `""`, `5`, `true`, `"Listo"`, `["Listo", 5, null, []]`, `{"agregar": true, "errores": []}`,
		`[{"ping-exitoso": "0 de 0"}]`, `[{"ping-0": {}}, {"ping--1": {}}, {"ping-": {}}, {"ping-x": {}}, {"ping-99999999999": {}}]`,
		`[{"pong-1": {"received": "1"}}]`, `[{"ping-1"`,
	} {
		if got := Diagnose(json.RawMessage(result)); got != nil {
			t.Errorf("Diagnose(%s) = %+v, want nil", result, got)
		}
	}
}

func TestDiagnose_Replies(t *testing.T) {
	t.Parallel()
	longError := `"` + strings.Repeat("ñ", 300) + ` ping"`
	probes := pingResult(goodProbe, tupleError, hopProbe, lostProbe, arpProbe, plainError, "7", numberProbe, longError)
	ms := func(value float64) *float64 { return &value }
	want := []Reply{
		{Sequence: 1, Host: "10.0.0.26", Received: true, Milliseconds: ms(1.287)},
		{Sequence: 2, Error: "input does not match any value of interface"},
		{Sequence: 3, Host: "198.51.100.7", Milliseconds: ms(31.402), Error: "host unreachable"},
		{Sequence: 4, Host: "10.0.0.26", Error: "timeout"},
		{Sequence: 5, Host: "02:00:00:00:00:1A", Received: true, Milliseconds: ms(0.85)},
		{Sequence: 6, Error: "failure: interface needs to be specified for arp ping"},
		{Sequence: 7, Error: "router error"},
		{Sequence: 8, Host: "7", Received: true},
		{Sequence: 9, Error: text.OrNull(strings.Repeat("ñ", 200) + "…")},
	}
	report := Diagnose(json.RawMessage(probes))
	if len(report.Replies) != len(want) {
		t.Fatalf("Diagnose() has %d replies, want %d", len(report.Replies), len(want))
	}
	for i, got := range report.Replies {
		plain := *got
		plain.sent, plain.hopOnly = false, false
		if !reflect.DeepEqual(plain, want[i]) {
			t.Errorf("Diagnose().Replies[%d] = %+v, want %+v", i, plain, want[i])
		}
	}
	// The time of a hop does not count, and neither does an answer without a time.
	if report.AverageMs == nil || *report.AverageMs != 1.069 {
		t.Errorf("Diagnose().AverageMs = %v, want 1.069", report.AverageMs)
	}
}

func TestDiagnose_SortsReplies(t *testing.T) {
	t.Parallel()
	report := Diagnose(json.RawMessage(`[{"ping-10": {}}, {"ping-2": {}, "ping-1": {}}, {"ping-exitoso": "0 de 3"}, {"ping-3": {}}]`))
	var got []int
	for _, reply := range report.Replies {
		got = append(got, reply.Sequence)
	}
	if want := []int{1, 2, 3, 10}; !slices.Equal(got, want) {
		t.Errorf("Diagnose().Replies have the numbers %v, want %v", got, want)
	}
}

func TestParseMilliseconds(t *testing.T) {
	t.Parallel()
	const none = -1
	for text, want := range map[string]float64{
		"1ms287us": 1.287, "850us": 0.85, "1s20ms": 1020, "3ms": 3, "0us": 0, "12ms604us": 12.604, "2m": 120_000, " 1ms 2us ": 1.002,
		"": none, "12": none, "ms": none, "-5ms": none, "1,5ms": none, "timeout": none, "1ms287": none, "NaN": none, "999999h9999999h": none,
	} {
		got := parseMilliseconds(text)
		if want == none && got != nil || want != none && (got == nil || *got != want) {
			t.Errorf("parseMilliseconds(%q) = %v, want %v", text, got, want)
		}
	}
}

// Exactly 80 % is stable, in spite of floating-point arithmetic.
func TestStatusOf_StableShare(t *testing.T) {
	t.Parallel()
	for sent := 1; sent <= 2000; sent++ {
		for received := range sent + 1 {
			want := NoInternet
			switch {
			case received*10 >= sent*8:
				want = Stable
			case received > 0:
				want = Intermittent
			}
			if got := statusOf(sent, received, 0); got != want {
				t.Fatalf("statusOf(%d, %d, 0) = %s, want %s", sent, received, got, want)
			}
		}
	}
}

// FuzzDiagnose checks that the report of any input is consistent.
func FuzzDiagnose(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `[]`, `[[]]`, `{"ping-1": null}`, `"ping"`, `["ping", {"ping-2": {}}]`, `[{"ping-1": {"received": "1e400", "time": "9e99h"}}]`,
		pingResult(goodProbe, tupleError, hopProbe, lostProbe, arpProbe, plainError, numberProbe, countedHop),
		pingResult(`"(, )"`, `"()"`, `"('"`, `"(a, )"`),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, result []byte) {
		report := Diagnose(result)
		if report == nil {
			return
		}
		if len(report.Replies) == 0 || report.Received > report.Sent || report.Sent > len(report.Replies) {
			t.Errorf("Diagnose(%q) = %d received, %d sent, %d replies, want no count above the next",
				result, report.Received, report.Sent, len(report.Replies))
		}
		if messages[report.Connection] != report.Message || !(report.LossPercent >= 0 && report.LossPercent <= 100) {
			t.Errorf("Diagnose(%q) = %+v, want its status's message and a loss of 0 to 100", result, report)
		}
		if average := report.AverageMs; average != nil && !(*average >= 0 && *average <= math.MaxInt64) {
			t.Errorf("Diagnose(%q).AverageMs = %v, want 0 or more", result, *average)
		}
		for i, reply := range report.Replies {
			if reply.Sequence < 1 || reply.Received == (reply.Error != "") || reply.Received && (reply.hopOnly || !reply.sent) {
				t.Errorf("Diagnose(%q) has the reply %+v, which contradicts itself", result, reply)
			}
			if i > 0 && report.Replies[i-1].Sequence > reply.Sequence {
				t.Errorf("Diagnose(%q) has reply %d after %d, want them sorted",
					result, reply.Sequence, report.Replies[i-1].Sequence)
			}
			if !utf8.ValidString(string(reply.Error)) {
				t.Errorf("Diagnose(%q) has the error %q, want UTF-8", result, reply.Error)
			}
		}
	})
}
