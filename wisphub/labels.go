package wisphub

import (
	"strconv"
	"strings"
)

// WispHub's answers hold labels, and its filters and writes take codes (wisphub-net-api §2.6,
// §3). Only this file knows both.

// ClientState is the state of a service. Its value is the code in filters and writes.
type ClientState int

// The states of a service. ClientStateUnknown is an unknown label or none.
const (
	ClientStateUnknown ClientState = iota
	ClientActive
	ClientSuspended
	ClientCancelled
	ClientFree
)

var clientStateLabels = []string{"", "Activo", "Suspendido", "Cancelado", "Gratis"}

// ParseClientState parses a label, or a code sent instead of one.
func ParseClientState(label string) ClientState {
	return ClientState(code(clientStateLabels, label))
}

// InvoiceState sums up a client's invoices. WispHub cannot filter by it, so its value is our own.
type InvoiceState int

// The states of a client's invoices.
const (
	InvoiceStateUnknown InvoiceState = iota
	InvoicesPaid
	InvoicesPending
	InvoicesOverdue
)

var invoiceStateLabels = []string{"", "Pagadas", "Pendiente de Pago", "Vencidas"}

// ParseInvoiceState parses a label.
func ParseInvoiceState(label string) InvoiceState {
	return InvoiceState(code(invoiceStateLabels, label))
}

// PlanType is the family of an internet plan. It decides which call returns the details.
type PlanType int

// The plan families. Only PPPoE and simple queue plans have details.
const (
	PlanTypeUnknown PlanType = iota
	PlanPPPoE
	PlanSimpleQueue
	PlanPCQ
)

var planTypeLabels = []string{"", "PPPoE", "SIMPLE QUEUE", "PCQ"}

// ParsePlanType parses a label. Tenants write it in different case.
func ParsePlanType(label string) PlanType {
	return PlanType(code(planTypeLabels, label))
}

// code returns the index of label, ignoring case. A decimal index stands for itself; 0 is unknown.
func code(labels []string, label string) int {
	label = strings.TrimSpace(label)
	for i, known := range labels[1:] {
		if strings.EqualFold(known, label) {
			return i + 1
		}
	}
	if i, err := strconv.Atoi(label); err == nil && i > 0 && i < len(labels) {
		return i
	}
	return 0
}

// TicketState is the state of a ticket. Its value is the code in filters and writes.
type TicketState int

// The states of a ticket. The label of TicketRescheduled was seen on one tenant only.
const (
	TicketStateUnknown TicketState = iota
	TicketNew
	TicketInProgress
	TicketResolved
	TicketClosed
	TicketRescheduled
)

var ticketStateLabels = []string{"", "Nuevo", "En Progreso", "Resuelto", "Cerrado", "Reagendado"}

// ParseTicketState parses a label, or a code sent instead of one.
func ParseTicketState(label string) TicketState {
	return TicketState(code(ticketStateLabels, label))
}

// TicketPriority is the urgency of a ticket. Its value is the code in writes.
type TicketPriority int

// The priorities of a ticket.
const (
	TicketPriorityUnknown TicketPriority = iota
	PriorityLow
	PriorityNormal
	PriorityHigh
	PriorityVeryHigh
)

var ticketPriorityLabels = []string{"", "Baja", "Normal", "Alta", "Muy Alta"}

// ParseTicketPriority parses a label, or a code sent instead of one.
func ParseTicketPriority(label string) TicketPriority {
	return TicketPriority(code(ticketPriorityLabels, label))
}

// TaskState is the state of a task.
type TaskState int

// The states of a task.
const (
	TaskStateUnknown TaskState = iota
	TaskPending
	TaskProcess
	TaskSuccess
	TaskFailure
)

var taskStateLabels = []string{"", "PENDING", "PROCESS", "SUCCESS", "FAILURE"}

// ParseTaskState parses a label.
func ParseTaskState(label string) TaskState {
	return TaskState(code(taskStateLabels, label))
}
