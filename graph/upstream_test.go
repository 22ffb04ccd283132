package graph_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"wisphub-graphql/wisphub/wisphubtest"
)

// wantUpstreamHidden expects nothing of the upstream's response in ours, and no key in the log.
func (f *fixture) wantUpstreamHidden(t *testing.T, a *answer) {
	t.Helper()
	for _, secret := range []string{wisphubtest.Key, "127.0.0.1", "/api/", "clientes", "nginx", "permiso", "503", "regulada", "html"} {
		if strings.Contains(a.body, secret) {
			t.Errorf("response = %s, want nothing of the upstream such as %q", a.body, secret)
		}
	}
	if strings.Contains(f.log.String(), wisphubtest.Key) {
		t.Errorf("log = %s, want no key", f.log)
	}
}

// One client is looked up with nothing in memory.
func TestUpstream_Failures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		faults wisphubtest.Faults
		code   string
		logged string
	}{
		"down":         {wisphubtest.Faults{Down: true}, "UPSTREAM_UNAVAILABLE", "GET clientes: unavailable (status 503)"},
		"HTML":         {wisphubtest.Faults{HTMLRate: 1}, "UPSTREAM_UNAVAILABLE", "GET clientes: invalid response (status 200)"},
		"truncated":    {wisphubtest.Faults{TruncateRate: 1}, "UPSTREAM_UNAVAILABLE", "GET clientes: unavailable: unexpected EOF"},
		"server error": {wisphubtest.Faults{ErrorRate: 1}, "UPSTREAM_UNAVAILABLE", "GET clientes: unavailable (status 50"},
		"hangs":        {wisphubtest.Faults{HangRate: 1}, "UPSTREAM_TIMEOUT", "GET clientes: no answer in time"},
		"too many":     {wisphubtest.Faults{TooManyRate: 1}, "UPSTREAM_RATE_LIMITED", "GET clientes: too many requests (status 429)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := fixtureConfig{}
			if tt.faults.HangRate > 0 {
				cfg.upstreamTimeout = 100 * time.Millisecond
			}
			f := newFixture(t, cfg)
			f.upstream.SetFaults(tt.faults)
			a := f.run(t, `{client(by:{serviceId:26}){name} viewer{username}}`)
			if a.status != http.StatusOK {
				t.Errorf("status = %d, want 200", a.status)
			}
			wantError(t, name, a, tt.code, "Unable to fetch client data")
			wantJSON(t, name, string(a.Data), `{"client":null,"viewer":{"username":"ana"}}`)
			f.wantUpstreamHidden(t, a)
			if log := f.log.String(); !strings.Contains(log, tt.logged) || !strings.Contains(log, "request_id="+requestID) {
				t.Errorf("log = %s, want %q and the request's id in it", log, tt.logged)
			}
		})
	}
}

func TestUpstream_RetryAfter(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.SetFaults(wisphubtest.Faults{TooManyRate: 1, RetryAfter: 6500 * time.Millisecond})
	a := f.run(t, `{client(by:{serviceId:26}){name}}`)
	wantError(t, "429", a, "UPSTREAM_RATE_LIMITED", "Unable to fetch client data")
	if got := a.Errors[0].Extensions.RetryAfter; got != 7 {
		t.Errorf("retryAfter = %d, want 7", got)
	}
}

// A bad key fails in the same way as a missing permission.
func TestUpstream_KeyRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{})
	f.upstream.Forbid("/api/clientes/", "/api/plan-internet/", "/api/zonas/", "/api/staff/", "/api/router/", "/api/formas-de-pago/")
	document := `{clients{totalCount} client(by:{serviceId:26}){name} plans{name} zones{name} staff{name} paymentMethods{name}
		node(id:"router:1"){id} facade{version}}`
	a := f.run(t, document)
	wantJSON(t, document, string(a.Data), `{"clients":null,"client":null,"plans":null,"zones":null,"staff":null,"paymentMethods":null,
		"node":null,"facade":{"version":"1.2.3"}}`)
	if len(a.Errors) != 7 {
		t.Errorf("%s = %s, want seven errors", document, a.body)
	}
	for _, err := range a.Errors {
		if err.Extensions.Code != "UPSTREAM_UNAVAILABLE" || err.Extensions.RequestID != requestID || !strings.HasPrefix(err.Message, "Unable to fetch ") {
			t.Errorf("%v = %+v, want UPSTREAM_UNAVAILABLE", err.Path, err)
		}
	}
	f.wantUpstreamHidden(t, a)
	if !strings.Contains(f.log.String(), "Usted no tiene permiso") {
		t.Errorf("log = %s, want the upstream's message in it", f.log)
	}
}

// All data expires at once and is still served.
func TestUpstream_StaleData(t *testing.T) {
	t.Parallel()
	f := newFixture(t, fixtureConfig{ttl: time.Nanosecond})
	f.setClients(fullRow, bareRow)
	document := `{clients{nodes{` + allClientFields + `}} client(by:{serviceId:26}){name technician{email} plan{price}} plans{name price} zones{name} paymentMethods{name}}`
	want := f.data(t, document)
	f.upstream.SetFaults(wisphubtest.Faults{Down: true})
	for range 3 {
		wantJSON(t, "with the upstream down", f.data(t, document), want)
	}
}
