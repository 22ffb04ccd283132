package wisphub

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
)

func TestClients_UpdateProfile(t *testing.T) {
	t.Parallel()
	balance := decimal.RequireFromString("-12000.5")
	for body, update := range map[string]ProfileUpdate{
		`{}`:                        {},
		`{"telefono":""}`:           {Phone: Some("")},
		`{"telefono":null}`:         {Phone: Null[string]()},
		`{"saldo":null}`:            {Balance: Null[decimal.Decimal]()},
		`{"saldo":"0"}`:             {Balance: Some(decimal.Decimal{})},
		`{"nombre":"Ana \u0026 Ñ"}`: {Name: Some("Ana & Ñ")},
		`{"nombre":"Ana","apellidos":"Pérez","cedula":"1000000001","direccion":"Calle 1","localidad":"Centro",` +
			`"ciudad":"Bogotá","telefono":"3000000001","saldo":"-12000.5"}`: {
			Name: Some("Ana"), LastName: Some("Pérez"), Document: Some("1000000001"), Address: Some("Calle 1"),
			Locality: Some("Centro"), City: Some("Bogotá"), Phone: Some("3000000001"), Balance: Some(balance),
		},
	} {
		write := func(ctx context.Context, api *API) error { return api.Clients.UpdateProfile(ctx, 26, update) }
		want := [3]string{"PUT /api/clientes/26/perfil/", jsonType, body}
		checkWrite(t, write, want, 200, jsonType, `{"nombre": "Ana"}`)
		checkWrite(t, write, want, 204, "", "")
	}
	checkWriteFailures(t, func(ctx context.Context, api *API) error {
		return api.Clients.UpdateProfile(ctx, 26, ProfileUpdate{Phone: Some("3000000001")})
	}, noAnswers)
}

func TestClients_ChangeState(t *testing.T) {
	t.Parallel()
	for path, change := range map[string]func(*ClientsService, context.Context, []int) (*StateChange, error){
		"/api/clientes/activar/":    (*ClientsService).Activate,
		"/api/clientes/desactivar/": (*ClientsService).Deactivate,
	} {
		for _, status := range []int{200, 201, 202} {
			checkWrite(t, func(ctx context.Context, api *API) error {
				got, err := change(api.Clients, ctx, []int{26, 999})
				want := StateChange{TaskID: taskID, UnknownIDs: []int{999}, Warnings: json.RawMessage(`[999]`)}
				if err == nil && !reflect.DeepEqual(*got, want) {
					t.Errorf("%s = %+v, want %+v", path, got, want)
				}
				return err
			}, [3]string{"POST " + path, jsonType, `{"servicios":[26,999]}`}, status, jsonType,
				`{"task_id": "`+taskID+`", "warnings": [999]}`)
		}
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			checkWriteFailures(t, func(ctx context.Context, api *API) error {
				_, err := change(api.Clients, ctx, []int{26})
				return err
			}, noAnswers, noRecords)
		})
	}
}

func TestUnknownIDs(t *testing.T) {
	t.Parallel()
	ids := []int{26, 999, 1_000_000, 7, 0}
	for warnings, want := range map[string][]int{
		``:                 nil,
		`null`:             {},
		`[]`:               {},
		`[999]`:            {999},
		`["999", 1000000]`: {999, 1_000_000},
		`["El servicio 999 no existe.", "Servicio #7: no"]`:    {999, 7},
		`{"999": "no encontrado"}`:                             {999},
		`[{"id_servicio": 26, "mensaje": "No existe"}]`:        {26},
		`[{"servicios": [[{"id": "26"}]]}]`:                    {26},
		`"No se encontraron: 7, 26"`:                           {26, 7},
		`["Tel\u0007fono \u0026"]`:                             {},
		`[9990, 99, "1999", 12345678901234567890, true, null]`: {},
		`["broken`: nil,
	} {
		if got := unknownIDs(json.RawMessage(warnings), ids); !slices.Equal(got, want) {
			t.Errorf("idsIn(%s) = %v, want %v", warnings, got, want)
		}
	}
}

func TestClients_Ping(t *testing.T) {
	t.Parallel()
	checkWrite(t, func(ctx context.Context, api *API) error {
		got, err := api.Clients.Ping(ctx, 26, PingRequest{Pings: 4})
		if want := (StartedTask{taskID, "PROCESS"}); err == nil && *got != want {
			t.Errorf("Clients.Ping = %+v, want %+v", got, want)
		}
		return err
	}, [3]string{"POST /api/clientes/26/ping/", jsonType, `{"pings":4}`}, 202, jsonType,
		`{"task_id": "`+taskID+`", "status": "PROCESS"}`)
	checkWriteFailures(t, ping, noAnswers, noRecords)
}

func TestClients_UpdateProfileRefused(t *testing.T) {
	t.Parallel()
	api, mux := setup(t)
	mux.HandleFunc("/", reply(400, jsonType, `{"telefono": ["No es válido."], "saldo": ["Se requiere un número válido."]}`))
	err := api.Clients.UpdateProfile(t.Context(), 26, ProfileUpdate{})
	refusal, _ := errors.AsType[*Error](err)
	want := map[string][]string{"telefono": {"No es válido."}, "saldo": {"Se requiere un número válido."}}
	if refusal == nil || !errors.Is(err, ErrRefused) || !reflect.DeepEqual(refusal.Fields, want) {
		t.Errorf("UpdateProfile = %+v, want the fields %q", err, want)
	}
}
