package graph_test

import (
	"strings"
	"testing"

	"wisphub-graphql/isp"
)

// TestPanics has resolvers that panic because a service is missing: on a root field, and in rows, which have goroutines of
// their own.
func TestPanics(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		meddle         func(*isp.Provider)
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
			f := newFace(t, faceConfig{meddle: tt.meddle})
			f.keep(fullRow, fullRow.with(row{"id_servicio": 27}))
			a := f.ask(t, tt.document)
			wantError(t, name, a, "INTERNAL", "Internal server error.")
			wantJSON(t, name, string(a.Data), tt.want)
			if strings.Contains(a.body, "nil pointer") || strings.Contains(a.body, "goroutine") {
				t.Errorf("the answer tells of the panic: %s", a.body)
			}
			for _, want := range []string{"type=runtime.err", "goroutine", ".go:", "request_id=" + askedID} {
				if !strings.Contains(f.log.String(), want) {
					t.Errorf("log = %s, want %q in it", f.log, want)
				}
			}
			if got := strings.Count(f.log.String(), "level="); got != strings.Count(f.log.String(), "stack=") {
				t.Errorf("log = %s, want nothing but stacks", f.log)
			}
			f.data(t, `{viewer{username}}`) // and life goes on
		})
	}
}
