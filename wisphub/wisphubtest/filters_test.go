package wisphubtest

import (
	"net/url"
	"testing"
)

// filterClient is a row whose values no generated row has.
func filterClient() map[string]any {
	return map[string]any{
		"id_servicio": 7, "usuario": "0007_ana.perez@demo-isp", "nombre": "Ana Sofía Peñalver Ñustes ",
		"email": "Ana.Perez@correo.test", "cedula": "77-1", "telefono": "3000000001,3000000002", "estado": "Gratis",
		"ciudad": "Sutatausa", "localidad": "Vereda Ñ", "saldo": "0.00", "estado_facturas": "Pagadas",
		"plan_internet": map[string]any{"id": 901, "nombre": "P"}, "router": map[string]any{"id": 902},
		"sectorial": map[string]any{"id": 903}, "tecnico": map[string]any{"id": 904, "nombre": ""},
		"zona": map[string]any{"id": 905},
	}
}

func TestClientFilters(t *testing.T) {
	t.Parallel()
	s := newServer(50, nil)
	s.PutRow(filterClient())
	const everyone = 51
	for _, test := range []struct {
		parameter, value string
		want             int
	}{
		{"id_servicio", "7", 1}, {"id_servicio", "8", 0}, {"id_servicio", "siete", 0}, {"servicio", "7", 1},
		{"cedula", "77-1", 1}, {"cedula", "77", 0}, {"cedula__contains", "7-", 1},
		{"telefono", "3000000001,3000000002", 1}, {"telefono", "3000000001", 0}, {"telefono", "573000000001", 0},
		{"telefono__contains", "0000002", 1}, {"telefono__contains", "573000000002", 0},
		{"usuario", "0007_ana.perez@demo-isp", 1}, {"usuario", "0007_ana.perez", 0}, {"usuario__contains", "0007_ANA", 1},
		{"nombre", "ana sofia penalver", 1}, {"nombre__contains", "PEÑALVER ñustes", 1}, {"nombre__contains", "Sofia  Pe", 0},
		{"apellidos__contains", "nustes", 1}, {"apellido__contains", "Ñustes", 1}, {"apellido__contains", "Sofía", 0},
		{"email__contains", "ANA.PEREZ@correo.test", 1},
		{"estado", "Gratis", 0}, {"estado", "Nuevo", 0}, {"estado", "9", 0}, {"estado", "-1", 0},
		{"plan_internet", "901", 1}, {"plan_internet", "Plan 10", 0}, {"router", "902", 1}, {"router", "R1", 0},
		{"sectorial", "903", 1}, {"sectorial", "S1", 0}, {"tecnico", "904", 1}, {"tecnico", "Ana", 0}, {"tecnico", "0", 0},
		{"asesor", "1", 0}, {"asesor", "Ana", 0},
		{"ciudad", "Sutatausa", 1}, {"ciudad", "sutatausa", 0}, {"localidad", "Vereda Ñ", 1}, {"localidad", "Vereda", 0},
		{"cedula", "", everyone}, {"estado", "", everyone},
		{"zona", "905", everyone}, {"zona", "nada", everyone}, {"estado_facturas", "nada", everyone}, {"saldo", "9", everyone},
		{"search", "nadie", everyone}, {"buscar", "nadie", everyone}, {"page", "2", everyone}, {"page_size", "1", everyone},
		{"fecha_corte", "8/05/2026", everyone}, {"online", "1", everyone}, {"activo", "1", everyone},
		{"telefono__icontains", "3", everyone}, {"format", "json", everyone},
	} {
		query := url.Values{test.parameter: {test.value}}.Encode()
		p := list(t, s, "/api/clientes/?"+query)
		if p.Count != test.want || len(p.Results) != test.want {
			t.Errorf("%s: count %d with %d rows, want %d", query, p.Count, len(p.Results), test.want)
		}
		if test.want == 1 && p.Results[0]["id_servicio"] != 7.0 {
			t.Errorf("%s: row %v, want 7", query, p.Results[0]["id_servicio"])
		}
	}
}

func TestClientFilters_State(t *testing.T) {
	t.Parallel()
	s := newServer(400, nil)
	total := 0
	for code, label := range map[string]string{"1": "Activo", "2": "Suspendido", "3": "Cancelado", "4": "Gratis"} {
		p := list(t, s, "/api/clientes/?limit=300&estado="+code)
		total += p.Count
		for _, row := range p.Results {
			if row["estado"] != label {
				t.Errorf("estado=%s: a row has estado %q, want %q", code, row["estado"], label)
			}
		}
		if p.Count == 0 {
			t.Errorf("estado=%s: no rows, want some", code)
		}
	}
	if total != 400 {
		t.Errorf("the four states have %d rows in total, want 400", total)
	}
}

func TestClientFilters_Combine(t *testing.T) {
	t.Parallel()
	s := newServer(50, nil)
	s.PutRow(filterClient())
	for query, want := range map[string]int{
		"cedula=77-1&estado=4":                1,
		"cedula=77-1&estado=1":                0,
		"cedula=none&cedula=77-1":             1, // the last one counts
		"cedula=77-1&zona=1&limit=1&offset=0": 1,
	} {
		if got := list(t, s, "/api/clientes/?"+query).Count; got != want {
			t.Errorf("%s: count %d, want %d", query, got, want)
		}
	}
}

// A generated row and the same row put back have equal filter keys.
func TestFilterKeys_SameForGeneratedAndPutRows(t *testing.T) {
	t.Parallel()
	s := newServer(500, nil)
	for _, r := range s.clients.records {
		if got := filterKeysOf(decodeRow(r.data)); got != r.clientKeys {
			t.Fatalf("filterKeysOf(row %d) = %+v, want %+v", r.id, got, r.clientKeys)
		}
	}
}
