package wisphub

import (
	"context"
	"reflect"
	"testing"
)

func TestZones_List(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/zonas/{$}", answer(t, "limit=300",
		`{"count": 2, "next": null, "previous": null, "results": [{"id": 2, "nombre": "Norte "}, {"id": 4, "nombre": "Sur"}]}`))

	got, err := api.Zones.List(t.Context())
	if err != nil {
		t.Fatalf("Zones.List = %v, want no error", err)
	}
	if want := []Zone{{2, "Norte"}, {4, "Sur"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("Zones.List = %+v, want %+v", got, want)
	}
	checkFailures(t, func(ctx context.Context, api *API) error {
		_, err := api.Zones.List(ctx)
		return err
	})
}
