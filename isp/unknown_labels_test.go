package isp

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Whatever WispHub answers instead of the catalogue, there are subjects.
func Test13_3_SubjectsFallBack(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 404, 500, 502, 503} {
		for _, body := range []string{`{"detail":"x"}`, `<html>`, ``} {
			address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if strings.HasPrefix(body, "{") {
					w.Header().Set("Content-Type", "application/json")
				}
				w.WriteHeader(status)
				fmt.Fprint(w, body)
			}))
			synctest.Test(t, func(t *testing.T) {
				provider, _ := connect(t, address)
				subjects, err := provider.Subjects.List(t.Context())
				if err != nil || len(subjects) != 32 {
					t.Errorf("List() = %d subjects, %v after %d %q, want the 32 built-in ones", len(subjects), err, status, body)
				}
			})
		}
	}
}

// A refusal does not replace the tenant's own subjects, and the built-in ones do not outlive it.
func Test13_3_OwnSubjectsStay(t *testing.T) {
	t.Parallel()
	var status atomic.Int32
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if code := int(status.Load()); code != 200 {
			w.WriteHeader(code)
			return
		}
		respondJSON(`[{"nombre": "Fibra Cortada"}]`).ServeHTTP(w, r)
	}))
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		read := func() []string {
			subjects, err := provider.Subjects.List(t.Context())
			if err != nil {
				t.Errorf("List() = %v, want subjects", err)
			}
			synctest.Wait()
			return namesOf(subjects)
		}
		status.Store(503)
		if got := len(read()); got != 32 {
			t.Errorf("List() = %d subjects at first, want the 32 built-in ones", got)
		}
		status.Store(200)
		time.Sleep(time.Minute)
		if got := read(); !slices.Equal(got, []string{"Fibra Cortada"}) {
			t.Errorf("List() = %q a minute after the failure, want the tenant's own", got)
		}
		for _, code := range []int32{403, 404, 503} {
			status.Store(code)
			time.Sleep(time.Hour)
			read()
			if got := read(); !slices.Equal(got, []string{"Fibra Cortada"}) {
				t.Errorf("List() = %q while WispHub answers %d, want the tenant's own", got, code)
			}
		}
		if err := provider.Subjects.refresh(t.Context()); err == nil {
			t.Error("refresh() = nil while WispHub answers 503 and there is an own list, want an error")
		}
	})
}

// ticketsLabelled is a WispHub whose zone 4 has three tickets in a state.
func ticketsLabelled(state string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var rows []string
		if r.URL.Path == "/api/tickets/" && !r.URL.Query().Has("estado") {
			for id := range 3 {
				rows = append(rows, fmt.Sprintf(`{"id_ticket": %d, "estado": %s, "prioridad": "Urgentísima", "fecha_creacion": %q,
					"servicio": {"id_servicio": 26, "zona": {"id": 4, "nombre": "x"}}}`, id+1, state, time.Now().Format(time.DateOnly)))
			}
		}
		respondJSON(fmt.Sprintf(`{"count": %d, "results": [%s]}`, len(rows), strings.Join(rows, ","))).ServeHTTP(w, r)
	})
}

// A ticket in a state that we do not know takes a place in its zone.
func Test13_3_UnknownStateTakesAPlace(t *testing.T) {
	t.Parallel()
	for state, active := range map[string]int{`"Abierto"`: 3, `"En espera del cliente"`: 3, `""`: 3, `null`: 3, `{}`: 3, `99`: 3, `"Nuevo"`: 3, `"Cerrado"`: 0} {
		provider, _ := connect(t, serve(t, ticketsLabelled(state)))
		quota, err := provider.Tickets.Quota(t.Context(), 4)
		if err != nil || quota.Active != active || quota.Blocked != (active == 3) {
			t.Errorf("Quota(4) with three tickets %s = %+v, %v, want %d active", state, quota, err, active)
		}
	}
}

// Each unknown label is logged once in a process, and counted.
func Test13_3_UnknownLabelsAreLoggedOnce(t *testing.T) {
	t.Parallel()
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/api/plan-internet/":
			respondJSON(`{"count":2,"results":[{"id":1,"tipo":"Satelital"},{"id":2,"tipo":"SATELITAL "}]}`).ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/api/tasks/"):
			respondJSON(`{"task": {"status": "REVOKED"}}`).ServeHTTP(w, r)
		case r.URL.Path == "/api/clientes/":
			respondJSON(`{"count":1,"results":[{"id_servicio":1,"estado":"Retirado","estado_facturas":"En Mora"}]}`).ServeHTTP(w, r)
		default:
			ticketsLabelled(`"Abierto"`).ServeHTTP(w, r)
		}
	}))
	synctest.Test(t, func(t *testing.T) {
		provider, log := connect(t, address)
		for range 3 {
			_, _ = provider.Tickets.List(t.Context(), TicketQuery{})
			_, _ = provider.Plans.List(t.Context(), nil)
			_, _ = provider.Tasks.Get(t.Context(), someTask)
			_ = provider.Clients.Warm(t.Context())
			synctest.Wait()
			time.Sleep(time.Hour)
		}
		for field, label := range map[string]string{
			"tickets.estado": "Abierto", "tickets.prioridad": "Urgentísima", "plan-internet.tipo": "Satelital", "tasks.status": "REVOKED",
			"clientes.estado": "Retirado", "clientes.estado_facturas": "En Mora",
		} {
			if lines := log.matching("unknown label", `"field":"`+field+`"`, label); len(lines) != 1 {
				t.Errorf("label %s of %s was logged %d times, want once", label, field, len(lines))
			}
		}
		if lines := log.matching("unknown label"); len(lines) != 6 {
			t.Errorf("log = %q, want one line a label", lines)
		}
	})
}

// A WispHub with endless labels fills neither the log nor the memory.
func Test13_3_LabelsAreBounded(t *testing.T) {
	t.Parallel()
	var rows []string
	for id := range 100 {
		rows = append(rows, fmt.Sprintf(`{"id_ticket": %d, "estado": "Estado %d"}`, id+1, id))
	}
	provider, log := connect(t, serve(t, respondJSON(fmt.Sprintf(`{"count": 100, "results": [%s]}`, strings.Join(rows, ",")))))
	if _, err := provider.Tickets.List(t.Context(), TicketQuery{}); err != nil {
		t.Fatalf("List() = %v", err)
	}
	if got := len(log.matching("unknown label", "tickets.estado")); got != maxReported {
		t.Errorf("100 labels were logged in %d lines, want %d", got, maxReported)
	}
}
