package isp

import (
	"testing"
	"time"

	"wisphub-graphql/wisphub"
)

func TestParseLocation(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]GeoPoint{
		"6.1549,-75.3737": {6.1549, -75.3737}, " 6 , -75 ": {6, -75}, "0,0": {0, 0}, "-90,180": {-90, 180},
	} {
		if got := parseLocation(text); got == nil || *got != want {
			t.Errorf("parseLocation(%q) = %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"", ",", "6.15", "6.15,", "90.1,0", "0,-180.1", "NaN,0", "0,NaN", "inf,0", "6,1,-75,3", "norte,sur", "6.1 -75.3"} {
		if got := parseLocation(text); got != nil {
			t.Errorf("parseLocation(%q) = %v, want nil", text, got)
		}
	}
}

func TestFullName(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, lastName, want string }{
		{"Ana", "", "Ana"},
		{"Ana", "Pérez", "Ana Pérez"},
		{"Ana Pérez", "PEREZ", "Ana Pérez"},
		{"", "Pérez", "Pérez"},
		{"", "", ""},
	}
	for _, test := range tests {
		if got := fullName(test.name, test.lastName); got != test.want {
			t.Errorf("fullName(%q, %q) = %q, want %q", test.name, test.lastName, got, test.want)
		}
	}
}

func TestDocumentKey(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		"1.000.001": "1000001", " 1 000 001 ": "1000001", "1'000,001": "1000001", "E-12á": "e12a", "": "", ". ,": "",
	} {
		if got := documentKey(document); got != want {
			t.Errorf("documentKey(%q) = %q, want %q", document, got, want)
		}
	}
}

func TestConverter_SharesRepeatedValues(t *testing.T) {
	t.Parallel()
	rows := decodeRows(t,
		map[string]any{"id_servicio": 1, "saldo": "10.00", "plan_internet": ref(1), "router": ref(1), "tecnico": ref(1), "sectorial": ref(1)},
		map[string]any{"id_servicio": 2, "saldo": "10.00", "plan_internet": ref(1), "router": ref(1), "tecnico": ref(1), "sectorial": ref(1)},
	)
	convert := newConverter(colombia, time.Now())
	a, b := convert.client(&rows[0]), convert.client(&rows[1])
	if a.Plan != b.Plan || a.Router != b.Router || a.Technician != b.Technician || a.Sector != b.Sector {
		t.Error("two clients have copies of one plan, router, technician or sector, want shared records")
	}
	if len(convert.decimals) != 1 {
		t.Errorf("%d amounts in memory, want 1 for two equal balances", len(convert.decimals))
	}
}

// WispHub writes states as labels in any case, and sometimes as codes.
func TestConverter_States(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]ClientStatus{
		"Activo": ClientActive, "SUSPENDIDO": ClientSuspended, " cancelado ": ClientCancelled, "Gratis": ClientFree, "3": ClientCancelled,
		"": ClientUnknown, "0": ClientUnknown, "5": ClientUnknown, "Retirado": ClientUnknown,
	} {
		if got := clientStatuses[wisphub.ParseClientState(label)]; got != want {
			t.Errorf("status of %q = %s, want %s", label, got, want)
		}
	}
	for label, want := range map[string]InvoiceStatus{
		"Pagadas": InvoicesPaid, "pendiente de pago": InvoicesPending, "Vencidas": InvoicesOverdue, "": InvoicesUnknown, "Anuladas": InvoicesUnknown,
	} {
		if got := invoiceStatuses[wisphub.ParseInvoiceState(label)]; got != want {
			t.Errorf("invoice status of %q = %s, want %s", label, got, want)
		}
	}
}
