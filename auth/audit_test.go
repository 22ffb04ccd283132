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

// newAudit returns an audit and what it writes, without the time.
func newAudit() (*Audit, *bytes.Buffer) {
	var text bytes.Buffer
	withoutTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	return NewAudit(slog.New(slog.NewTextHandler(io.MultiWriter(spills, &text), &slog.HandlerOptions{ReplaceAttr: withoutTime}))), &text
}

func TestRecord(t *testing.T) {
	t.Parallel()
	nobody := t.Context()
	ended, cancel := context.WithCancel(WithSource(nobody, Source{Address: "192.0.2.7", RequestID: "abc"}))
	cancel()
	eva := NewContext(ended, &Caller{Username: "eva"})
	for _, test := range []struct {
		name  string
		ctx   context.Context
		event Event
		want  string
	}{
		{
			"a caller's write", eva, Event{Action: "createTicket", IDs: []string{"client:26", "ticket:500"}, Outcome: "ok"},
			`action=createTicket user=eva address=192.0.2.7 ids="[client:26 ticket:500]" outcome=ok request_id=abc`,
		},
		{
			"somebody else than the caller", eva, Event{Action: "login", User: "ana", Outcome: "ok"},
			`action=login user=ana address=192.0.2.7 ids=[] outcome=ok request_id=abc`,
		},
		{
			"the program itself", nobody, Event{Action: "login", Outcome: "gave up"},
			`action=login user=unknown address="" ids=[] outcome="gave up" request_id=""`,
		},
		{
			"a nil caller", NewContext(nobody, nil), Event{Action: "login", Outcome: "ok"},
			`action=login user=unknown address="" ids=[] outcome=ok request_id=""`,
		},
	} {
		audit, log := newAudit()
		audit.Record(test.ctx, test.event)
		if want := "level=INFO msg=audit " + test.want + "\n"; log.String() != want {
			t.Errorf("%s: Record wrote %s, want %s", test.name, log, want)
		}
	}
}

func TestRecordOfNilAuditWritesNothing(t *testing.T) {
	t.Parallel()
	var audit *Audit
	audit.Record(t.Context(), Event{Action: "login", Outcome: "ok"})
}

func TestRecordCallsNoIDsAListInJSON(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	NewAudit(slog.New(slog.NewJSONHandler(&log, nil))).Record(t.Context(), Event{Action: "login", Outcome: "ok"})
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if ids, ok := line["ids"].([]any); !ok || len(ids) != 0 || line["time"] == nil {
		t.Errorf("Record wrote %s, want a time and an empty list of ids", &log)
	}
}

func TestSourceFrom(t *testing.T) {
	t.Parallel()
	if got := SourceFrom(t.Context()); got != (Source{}) {
		t.Errorf("SourceFrom(empty) = %+v, want the zero Source", got)
	}
	want := Source{Address: "::1", RequestID: "abc"}
	if got := SourceFrom(WithSource(t.Context(), want)); got != want {
		t.Errorf("SourceFrom = %+v, want %+v", got, want)
	}
}

// audited is a service of ana's with the audit lines of its logins.
func audited(t *testing.T, service *Service) (log *bytes.Buffer, line func(user, outcome string) string) {
	t.Helper()
	service.audit, log = newAudit()
	return log, func(user, outcome string) string {
		return `level=INFO msg=audit action=login user=` + user + ` address=192.0.2.7 ids=[] outcome=` + outcome + " request_id=abc\n"
	}
}

func TestLoginIsAudited(t *testing.T) {
	t.Parallel()
	ctx := WithSource(t.Context(), Source{Address: "192.0.2.7", RequestID: "abc"})
	asEva := NewContext(ctx, &Caller{Username: "eva"})
	for _, test := range []struct {
		name               string
		ctx                context.Context
		username, password string
		user, outcome      string
	}{
		{"good", ctx, "ana", anasPassword, "ana", `"ok, new address"`},
		{"wrong password", ctx, "ana", "canary", "ana", `"bad credentials"`},
		{"unknown user", ctx, "canary", anasPassword, "unknown", `"bad credentials"`},
		{"password in the wrong field", asEva, anasPassword, "canary", "unknown", `"bad credentials"`},
		{"no username", ctx, "", "canary", "unknown", `"bad credentials"`},
		{"by somebody with a token", asEva, "ana", anasPassword, "ana", `"ok, new address"`},
	} {
		service := newService(t)
		log, line := audited(t, service)
		_, _ = service.Login(test.ctx, test.username, test.password) // what it answers is tested elsewhere
		if want := line(test.user, test.outcome); log.String() != want {
			t.Errorf("%s: Login wrote %s, want %s", test.name, log, want)
		}
		for _, secret := range []string{"canary", anasPassword} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("%s: Login wrote %q", test.name, secret)
			}
		}
	}
}

func TestLoginFromANewAddressIsAudited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := newService(t)
		log, _ := audited(t, service)
		from := func(address string) {
			wantLogin(t, service, address, "ana", anasPassword, nil)
			time.Sleep(time.Second)
		}
		for range 2 {
			from("192.0.2.7")
			from("2001:db8::1")
			from("2001:db8::ffff:1") // the same house
			from("")                 // nowhere is no address
		}
		time.Sleep(homeLasts)
		from("192.0.2.7")
		for n := range maxHomes {
			from(fmt.Sprintf("198.51.100.%d", n))
		}
		from("192.0.2.7") // has given way
		var news []string
		for line := range strings.Lines(log.String()) {
			if _, rest, _ := strings.Cut(line, "address="); strings.Contains(line, "ok, new address") {
				address, _, _ := strings.Cut(rest, " ")
				news = append(news, address)
			}
		}
		want := []string{"192.0.2.7", "2001:db8::1", "192.0.2.7"}
		for n := range maxHomes {
			want = append(want, fmt.Sprintf("198.51.100.%d", n))
		}
		if want = append(want, "192.0.2.7"); !slices.Equal(news, want) {
			t.Errorf("new addresses = %q, want %q", news, want)
		}
		if n := len(service.homes.byAccount[service.digests.account("ana")]); n != maxHomes {
			t.Errorf("%d addresses are remembered, want %d", n, maxHomes)
		}
	})
}

func TestLoginWithoutATurnIsAudited(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name          string
		waiting       int
		timeout       time.Duration
		username      string
		user, outcome string
	}{
		{"no place", 0, time.Hour, "ana", "ana", `"too many attempts"`},
		{"too long", 1, time.Hour, "ana", "ana", `"too many attempts"`},
		{"too long, unknown user", 1, time.Hour, "canary", "unknown", `"too many attempts"`},
		{"the caller goes", 1, time.Second, "ana", "ana", `"gave up"`},
	} {
		synctest.Test(t, func(t *testing.T) {
			service := newService(t)
			service.gate = newGate(1, 0, test.waiting)
			if err := service.gate.enter(t.Context(), try{}); err != nil { // and stay inside
				t.Fatal(err)
			}
			log, line := audited(t, service)
			ctx := WithSource(t.Context(), Source{Address: "192.0.2.7", RequestID: "abc"})
			ctx, cancel := context.WithTimeoutCause(ctx, test.timeout, errors.New("canary"))
			defer cancel()
			_, err := service.Login(ctx, test.username, "canary")
			if want := line(test.user, test.outcome); log.String() != want {
				t.Errorf("%s: Login = %v wrote %s, want %s", test.name, err, log, want)
			}
		})
	}
}
