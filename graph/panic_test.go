package graph_test

import (
	"strings"
	"testing"

	"wisphub-graphql/isp"
)

// A service is nil: for a root field, and for rows, which have goroutines of their own.
func TestPanics(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change         func(*isp.Provider)
		document, want string
	}{
		"root field": {
			func(p *isp.Provider) { p.Zones = nil },
			`{zones{name} viewer{username}}`, `{"zones":null,"viewer":{"username":"ana"}}`,
		},
		"rows": {
			func(p *isp.Provider) { p.Plans = nil },
			`{clients{nodes{serviceId plan{name price}}}}`,
			`{"clients":{"nodes":[{"serviceId":26,"plan":{"name":"Plan 50 Fibra","price":null}},{"serviceId":27,"plan":{"name":"Plan 50 Fibra","price":null}}]}}`,
		},
		"rows, not null": {
			func(p *isp.Provider) { p.Plans = nil },
			`{clients{nodes{serviceId plan{type}}}}`,
			`{"clients":{"nodes":[{"serviceId":26,"plan":null},{"serviceId":27,"plan":null}]}}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, fixtureConfig{changeProvider: tt.change})
			f.setClients(fullRow, fullRow.with(row{"id_servicio": 27}))
			a := f.run(t, tt.document)
			wantError(t, name, a, "INTERNAL", "Internal server error.")
			wantJSON(t, name, string(a.Data), tt.want)
			if strings.Contains(a.body, "nil pointer") || strings.Contains(a.body, "goroutine") {
				t.Errorf("response = %s, want nothing about the panic", a.body)
			}
			for _, want := range []string{"type=runtime.err", "goroutine", ".go:", "request_id=" + requestID} {
				if !strings.Contains(f.log.String(), want) {
					t.Errorf("log = %s, want %q in it", f.log, want)
				}
			}
			if got := strings.Count(f.log.String(), "level="); got != strings.Count(f.log.String(), "stack=") {
				t.Errorf("log = %s, want only stacks", f.log)
			}
			f.data(t, `{viewer{username}}`) // the server still works
		})
	}
}
