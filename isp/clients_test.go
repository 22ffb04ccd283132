package isp

import (
	"slices"
	"testing"
)

func TestPreferred(t *testing.T) {
	t.Parallel()
	client := func(id int, status ClientStatus) *Client { return &Client{ServiceID: id, Status: status} }
	tests := []struct {
		clients []*Client
		want    int
	}{
		{[]*Client{client(9, ClientSuspended), client(7, ClientCancelled)}, 7},
		{[]*Client{client(3, ClientCancelled), client(9, ClientActive), client(7, ClientActive)}, 7},
		{[]*Client{client(1, ClientFree), client(2, ClientUnknown)}, 1},
	}
	for _, test := range tests {
		for range 2 {
			if got := preferred(test.clients).ServiceID; got != test.want {
				t.Errorf("preferred(%v) = %d, want %d", idsOf(test.clients), got, test.want)
			}
			slices.Reverse(test.clients)
		}
	}
	if got := preferred(nil); got != nil {
		t.Errorf("preferred(nil) = %v, want nil", got)
	}
}

// Of several services of one customer the active one is meant; of several customers of one phone nobody.
func TestFindAmongSeveral(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 5)
	row := func(id int, document, phone, state string) {
		upstream.PutRow(map[string]any{
			"id_servicio": id, "cedula": document, "telefono": phone, "estado": state, "usuario": "same@demo-isp",
		})
	}
	row(1001, "55.500.001", "3201112233", "Cancelado")
	row(1003, "55500001", "+57 320 111 2233", "Activo")
	row(1002, "55500001", "3201112233", "Suspendido")
	row(1004, "55500002", "3201112234,3205556677", "Activo")
	row(1005, "", "3205556677", "Activo")
	row(1006, "", "3107778899", "Activo")
	row(1007, "", "3107778899", "Activo")
	warm(t, upstream, provider)
	wantFound(t, provider, byDoc("55500001"), 1003)
	wantFound(t, provider, byTel("3201112233"), 1003)
	wantFound(t, provider, byTel("3201112234"), 1004)
	wantFound(t, provider, byUser("same@demo-isp"), 1003)
	for _, phone := range []string{"3205556677", "3107778899"} {
		_, err := provider.Clients.Find(t.Context(), byTel(phone))
		wantErrorIs(t, "Find(phone of two customers)", err, ErrAmbiguous)
	}
}
