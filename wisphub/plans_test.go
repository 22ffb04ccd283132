package wisphub

import (
	"context"
	"reflect"
	"testing"
)

func TestPlans_List(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/plan-internet/{$}", answer(t, "limit=300", `{"count": 3, "next": null, "previous": null, "results": [
		{"id": 1, "nombre": "Plan 10 ", "tipo": "PPPoE"},
		{"id": "2", "nombre": "Plan 20", "tipo": "SIMPLE QUEUE"},
		{"id": 3, "nombre": null, "tipo": null}]}`))

	got, err := api.Plans.List(t.Context())
	if err != nil {
		t.Fatalf("Plans.List = %v, want no error", err)
	}
	want := []Plan{{1, "Plan 10", "PPPoE"}, {2, "Plan 20", "SIMPLE QUEUE"}, {3, "", ""}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Plans.List = %+v, want %+v", got, want)
	}
	checkFailures(t, func(ctx context.Context, api *API) error {
		_, err := api.Plans.List(ctx)
		return err
	})
}

func TestPlans_Detail(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path, body string
		get        func(*PlansService, context.Context, int) (*PlanDetail, error)
		want       PlanDetail
	}{
		{
			"/api/plan-internet/pppoe/7/{$}",
			`{"nombre": "Plan 700 ", "precio": "199900.00", "bajada": "700M", "subida": "350M", "descripcion": "", "perfil": "p700"}`,
			(*PlansService).PPPoE,
			PlanDetail{Name: "Plan 700", Price: money("199900.00"), Download: "700M", Upload: "350M"},
		},
		{
			"/api/plan-internet/queue/7/{$}",
			`{"nombre": "Plan 20", "precio": 65000, "bajada": 20, "subida": "10M/20M"}`,
			(*PlansService).Queue,
			PlanDetail{Name: "Plan 20", Price: money("65000"), Download: "20", Upload: "10M/20M"},
		},
	} {
		t.Run(test.path, func(t *testing.T) {
			t.Parallel()
			api, mux := setup(t)
			mux.HandleFunc(test.path, answer(t, "", test.body))
			got, err := test.get(api.Plans, t.Context(), 7)
			if err != nil {
				t.Fatalf("detail of plan 7 = %v, want no error", err)
			}
			checkRecord(t, *got, test.want)
			checkFailures(t, func(ctx context.Context, api *API) error {
				_, err := test.get(api.Plans, ctx, 7)
				return err
			})
		})
	}
}
