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

// WispHub's filters take these codes (wisphub-net-api §3).
func TestClientState_Codes(t *testing.T) {
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

func TestParseTicketState(t *testing.T) {
	t.Parallel()
	checkLabels(t, ParseTicketState, map[string]TicketState{
		"Nuevo": TicketNew, "En Progreso": TicketInProgress, "Resuelto": TicketResolved, "Cerrado": TicketClosed,
		"Reagendado": TicketRescheduled, " en progreso ": TicketInProgress, "NUEVO": TicketNew, "1": TicketNew, "5": TicketRescheduled,
		"": 0, "0": 0, "6": 0, "Abierto": 0, "EnProgreso": 0,
	})
}

func TestParseTicketPriority(t *testing.T) {
	t.Parallel()
	checkLabels(t, ParseTicketPriority, map[string]TicketPriority{
		"Baja": PriorityLow, "Normal": PriorityNormal, "Alta": PriorityHigh, "Muy Alta": PriorityVeryHigh, "MUY ALTA": PriorityVeryHigh,
		"1": PriorityLow, "2": PriorityNormal, "3": PriorityHigh, "4": PriorityVeryHigh, "": 0, "5": 0, "Urgente": 0,
	})
}

func TestParseTaskState(t *testing.T) {
	t.Parallel()
	checkLabels(t, ParseTaskState, map[string]TaskState{
		"PENDING": TaskPending, "PROCESS": TaskProcess, "SUCCESS": TaskSuccess, "FAILURE": TaskFailure, "success": TaskSuccess,
		"": 0, "STARTED": 0, "REVOKED": 0,
	})
}

// WispHub's filters and writes take these codes (wisphub-net-api §3).
func TestTicketState_Codes(t *testing.T) {
	t.Parallel()
	for state, want := range map[TicketState]int{
		TicketNew: 1, TicketInProgress: 2, TicketResolved: 3, TicketClosed: 4, TicketRescheduled: 5,
	} {
		if int(state) != want {
			t.Errorf("code of %s = %d, want %d", ticketStateLabels[state], state, want)
		}
	}
	for priority, want := range map[TicketPriority]int{PriorityLow: 1, PriorityNormal: 2, PriorityHigh: 3, PriorityVeryHigh: 4} {
		if int(priority) != want {
			t.Errorf("code of %s = %d, want %d", ticketPriorityLabels[priority], priority, want)
		}
	}
}
