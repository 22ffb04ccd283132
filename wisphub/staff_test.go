package wisphub

import (
	"context"
	"reflect"
	"testing"
)

func TestStaff_List(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/api/staff/{$}", answer(t, "limit=300", `{"count": 2, "next": null, "previous": null, "results": [
		{"id": 1, "username": "luis@demo-isp", "nombre": "Luis", "email": "luis@example.com"},
		{"id": 2, "username": "soporte@demo-isp", "nombre": "", "email": null}]}`))

	got, err := api.Staff.List(t.Context())
	if err != nil {
		t.Fatalf("Staff.List = %v, want no error", err)
	}
	want := []Staff{{1, "luis@demo-isp", "Luis", "luis@example.com"}, {2, "soporte@demo-isp", "", ""}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Staff.List = %+v, want %+v", got, want)
	}
	checkFailures(t, func(ctx context.Context, api *API) error {
		_, err := api.Staff.List(ctx)
		return err
	})
}
