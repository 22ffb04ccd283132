package wisphub

import (
	"context"
	"reflect"
	"testing"
)

func TestRouters_List(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/router/{$}", answer(t, "limit=300", `{"count": 3, "next": null, "previous": null, "results": [
		{"id": 1, "nombre": "R1", "ip": "192.0.2.1", "falla_general": false, "falla_general_descripcion": ""},
		{"id": 2, "nombre": "R2", "ip": "192.0.2.2", "falla_general": true, "falla_general_descripcion": "Fibra cortada"},
		{"id": 3, "nombre": "R3", "ip": null, "falla_general": null, "falla_general_descripcion": null}]}`))

	got, err := api.Routers.List(t.Context())
	if err != nil {
		t.Fatalf("Routers.List = %v, want no error", err)
	}
	want := []Router{{1, "R1", false, ""}, {2, "R2", true, "Fibra cortada"}, {3, "R3", false, ""}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Routers.List = %+v, want %+v", got, want)
	}
	checkFailures(t, func(ctx context.Context, api *API) error {
		_, err := api.Routers.List(ctx)
		return err
	})
}
