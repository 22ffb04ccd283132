package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// newAudit returns an audit and the log that it writes, without times.
func newAudit() (*Audit, *bytes.Buffer) {
	var text bytes.Buffer
	return auditTo(&text), &text
}

// auditTo returns an audit that writes to w, without times.
func auditTo(w io.Writer) *Audit {
	withoutTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	options := &slog.HandlerOptions{ReplaceAttr: withoutTime}
	return NewAudit(slog.New(slog.NewTextHandler(io.MultiWriter(leaks, w), options)))
}

func TestAudit_Record(t *testing.T) {
	t.Parallel()
	background := t.Context()
	canceled, cancel := context.WithCancel(WithSource(background, Source{Address: "192.0.2.7", RequestID: "abc"}))
	cancel()
	eva := NewContext(canceled, &Caller{Username: "eva"})
	for _, test := range []struct {
		name  string
		ctx   context.Context
		event Event
		want  string
	}{
		{
			"write of a caller", eva,
			Event{Action: "createTicket", IDs: []string{"client:26", "ticket:500"}, Outcome: "ok"},
			`action=createTicket user=eva address=192.0.2.7 ids="[client:26 ticket:500]" outcome=ok request_id=abc`,
		},
		{
			"changes", eva,
			Event{Action: "updateClient", IDs: []string{"client:26"}, Changes: []string{"city", "balance 65000.00 -> 0.00"}, Outcome: "ok"},
			`action=updateClient user=eva address=192.0.2.7 ids=[client:26] changes="[city balance 65000.00 -> 0.00]" outcome=ok request_id=abc`,
		},
		{
			"user other than the caller", eva, Event{Action: "login", User: "ana", Outcome: "ok"},
			`action=login user=ana address=192.0.2.7 ids=[] outcome=ok request_id=abc`,
		},
		{
			"no request", background, Event{Action: "login", Outcome: "gave up"},
			`action=login user=unknown address="" ids=[] outcome="gave up" request_id=""`,
		},
		{
			"nil caller", NewContext(background, nil), Event{Action: "login", Outcome: "ok"},
			`action=login user=unknown address="" ids=[] outcome=ok request_id=""`,
		},
	} {
		audit, log := newAudit()
		audit.Record(test.ctx, test.event)
		if want := "level=INFO msg=audit " + test.want + "\n"; log.String() != want {
			t.Errorf("%s: Record logged %s, want %s", test.name, log, want)
		}
	}
}

func TestAudit_RecordOfNilLogsNothing(t *testing.T) {
	t.Parallel()
	var audit *Audit
	audit.Record(t.Context(), Event{Action: "login", Outcome: "ok"})
	audit.Close()
}

func TestAudit_RecordWithoutIDsIsAListInJSON(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	NewAudit(slog.New(slog.NewJSONHandler(&log, nil))).Record(t.Context(), Event{Action: "login", Outcome: "ok"})
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if ids, ok := line["ids"].([]any); !ok || len(ids) != 0 || line["time"] == nil {
		t.Errorf("Record logged %s, want a time and an empty list of ids", &log)
	}
}

func TestSourceFrom(t *testing.T) {
	t.Parallel()
	if got := SourceFrom(t.Context()); got != (Source{}) {
		t.Errorf("SourceFrom(empty) = %+v, want the zero Source", got)
	}
	want := Source{Address: "::1", RequestID: "abc"}
	if got := SourceFrom(WithSource(t.Context(), want)); got != want {
		t.Errorf("SourceFrom(WithSource(%+v)) = %+v, want the same", want, got)
	}
}

// withAudit sets the service's audit. It returns the log and a function for the expected lines.
func withAudit(t *testing.T, service *Service) (log *bytes.Buffer, line func(user, outcome string) string) {
	t.Helper()
	service.audit, log = newAudit()
	return log, func(user, outcome string) string {
		return "level=INFO msg=audit action=login user=" + user +
			" address=192.0.2.7 ids=[] outcome=" + outcome + " request_id=abc\n"
	}
}

func TestLogin_IsAudited(t *testing.T) {
	t.Parallel()
	ctx := WithSource(t.Context(), Source{Address: "192.0.2.7", RequestID: "abc"})
	asEva := NewContext(ctx, &Caller{Username: "eva"})
	for _, test := range []struct {
		name               string
		ctx                context.Context
		username, password string
		user, outcome      string
	}{
		{"correct password", ctx, "ana", anasPassword, "ana", `"ok, new address"`},
		{"wrong password", ctx, "ana", "canary", "ana", `"bad credentials"`},
		{"unknown user", ctx, "canary", anasPassword, "unknown", `"bad credentials"`},
		{"password as the username", asEva, anasPassword, "canary", "unknown", `"bad credentials"`},
		{"no username", ctx, "", "canary", "unknown", `"bad credentials"`},
		{"caller with a token", asEva, "ana", anasPassword, "ana", `"ok, new address"`},
	} {
		service := newService(t)
		log, line := withAudit(t, service)
		_, _ = service.Login(test.ctx, test.username, test.password) // other tests check the result
		if want := line(test.user, test.outcome); log.String() != want {
			t.Errorf("%s: Login logged %s, want %s", test.name, log, want)
		}
		for _, secret := range []string{"canary", anasPassword} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("%s: Login logged %q", test.name, secret)
			}
		}
	}
}

func TestLogin_NewAddressIsAudited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		log, _ := withAudit(t, service)
		from := func(address string) {
			wantLogin(t, service, address, "ana", anasPassword, nil)
			time.Sleep(time.Second)
		}
		for range 2 {
			from("192.0.2.7")
			from("2001:db8::1")
			from("2001:db8::ffff:1") // the same /64
			from("")                 // counts as no address
		}
		time.Sleep(knownAddressLifetime)
		from("192.0.2.7")
		for n := range maxKnownAddresses {
			from(fmt.Sprintf("198.51.100.%d", n))
		}
		from("192.0.2.7") // new again, because it was evicted
		var got []string
		for line := range strings.Lines(log.String()) {
			if _, rest, _ := strings.Cut(line, "address="); strings.Contains(line, "ok, new address") {
				address, _, _ := strings.Cut(rest, " ")
				got = append(got, address)
			}
		}
		want := []string{"192.0.2.7", "2001:db8::1", "192.0.2.7"}
		for n := range maxKnownAddresses {
			want = append(want, fmt.Sprintf("198.51.100.%d", n))
		}
		if want = append(want, "192.0.2.7"); !slices.Equal(got, want) {
			t.Errorf("new addresses = %q, want %q", got, want)
		}
		addresses := service.knownAddresses.byAccount[service.hasher.account("ana")]
		if n := len(addresses); n != maxKnownAddresses {
			t.Errorf("known addresses = %d, want %d", n, maxKnownAddresses)
		}
	})
}

func TestLogin_QueuedIsAudited(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name          string
		places        int
		timeout       time.Duration
		username      string
		user, outcome string
	}{
		{"queue full", 0, time.Hour, "ana", "ana", `"too many attempts"`},
		{"maximum wait", 1, time.Hour, "ana", "ana", `"too many attempts"`},
		{"maximum wait, unknown user", 1, time.Hour, "canary", "unknown", `"too many attempts"`},
		{"caller's timeout", 1, time.Second, "ana", "ana", `"gave up"`},
	} {
		synctest.Test(t, func(t *testing.T) {
			service := newService(t)
			service.queue = newLoginQueue(1, 0, test.places)
			if err := service.queue.acquire(t.Context(), attempt{}); err != nil { // never released
				t.Fatal(err)
			}
			log, line := withAudit(t, service)
			ctx := WithSource(t.Context(), Source{Address: "192.0.2.7", RequestID: "abc"})
			ctx, cancel := context.WithTimeoutCause(ctx, test.timeout, errors.New("canary"))
			defer cancel()
			_, err := service.Login(ctx, test.username, "canary")
			if want := line(test.user, test.outcome); log.String() != want {
				t.Errorf("%s: Login = %v and logged %s, want %s", test.name, err, log, want)
			}
		})
	}
}
