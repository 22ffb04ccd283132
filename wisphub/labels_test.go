package wisphub

import "testing"

func TestParseClientState(t *testing.T) {
	t.Parallel()
	checkLabels(t, ParseClientState, map[string]ClientState{
		"Activo": ClientActive, "Suspendido": ClientSuspended, "Cancelado": ClientCancelled, "Gratis": ClientFree,
		"ACTIVO": ClientActive, "gratis": ClientFree, " Suspendido \r\n": ClientSuspended,
		"1": ClientActive, "2": ClientSuspended, "3": ClientCancelled, "4": ClientFree, " 4 ": ClientFree,
		"": 0, " ": 0, "0": 0, "5": 0, "-1": 0, "1.0": 0, "99999999999999999999": 0, "Cortado": 0, "Activo.": 0, "Pagadas": 0,
	})
}

func TestParseInvoiceState(t *testing.T) {
	t.Parallel()
	checkLabels(t, ParseInvoiceState, map[string]InvoiceState{
		"Pagadas": InvoicesPaid, "Pendiente de Pago": InvoicesPending, "Vencidas": InvoicesOverdue,
		"pendiente de pago": InvoicesPending, "3": InvoicesOverdue, "": 0, "4": 0, "Pagada": 0,
	})
}

func TestParsePlanType(t *testing.T) {
	t.Parallel()
	checkLabels(t, ParsePlanType, map[string]PlanType{
		"PPPoE": PlanPPPoE, "PPPOE": PlanPPPoE, "SIMPLE QUEUE": PlanSimpleQueue, "Simple Queue": PlanSimpleQueue, "PCQ": PlanPCQ,
		"pcq": PlanPCQ, "2": PlanSimpleQueue, "": 0, "4": 0, "SIMPLEQUEUE": 0, "Hotspot": 0,
	})
}

// The codes are what WispHub's filters take (wisphub-net-api §3).
func TestClientStateCodes(t *testing.T) {
	t.Parallel()
	for state, want := range map[ClientState]int{ClientActive: 1, ClientSuspended: 2, ClientCancelled: 3, ClientFree: 4} {
		if int(state) != want {
			t.Errorf("code of %s = %d, want %d", clientStateLabels[state], state, want)
		}
	}
}

func checkLabels[T comparable](t *testing.T, parse func(string) T, want map[string]T) {
	t.Helper()
	for label, want := range want {
		if got := parse(label); got != want {
			t.Errorf("%T of label %q = %v, want %v", want, label, got, want)
		}
	}
}
