package wisphub

import (
	"strconv"
	"strings"
)

// WispHub reads in labels and writes in codes (wisphub-net-api §2.6, §3). This file is the one place that knows both.

// ClientState is the state of a service. Its value is the code that filters and writes take.
type ClientState int

// The states of a service. ClientStateUnknown is any label this version does not know, and no label at all.
const (
	ClientStateUnknown ClientState = iota
	ClientActive
	ClientSuspended
	ClientCancelled
	ClientFree
)

var clientStateLabels = []string{"", "Activo", "Suspendido", "Cancelado", "Gratis"}

// ParseClientState reads a label, or a code sent in its place.
func ParseClientState(label string) ClientState {
	return ClientState(code(clientStateLabels, label))
}

// InvoiceState sums up a client's invoices. WispHub derives it and cannot filter by it, so its value is ours.
type InvoiceState int

// The states of a client's invoices.
const (
	InvoiceStateUnknown InvoiceState = iota
	InvoicesPaid
	InvoicesPending
	InvoicesOverdue
)

var invoiceStateLabels = []string{"", "Pagadas", "Pendiente de Pago", "Vencidas"}

// ParseInvoiceState reads a label.
func ParseInvoiceState(label string) InvoiceState {
	return InvoiceState(code(invoiceStateLabels, label))
}

// PlanType is the family of an internet plan, which decides where its details are.
type PlanType int

// The plan families. Only PPPoE and simple queue plans have details.
const (
	PlanTypeUnknown PlanType = iota
	PlanPPPoE
	PlanSimpleQueue
	PlanPCQ
)

var planTypeLabels = []string{"", "PPPoE", "SIMPLE QUEUE", "PCQ"}

// ParsePlanType reads a label; tenants differ in its case.
func ParsePlanType(label string) PlanType {
	return PlanType(code(planTypeLabels, label))
}

// code returns the index of label, without regard to case; a decimal index stands for itself, 0 is unknown.
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

// TicketState is the state of a ticket. Its value is the code that filters and writes take.
type TicketState int

// The states of a ticket. The label of TicketRescheduled has one witness.
const (
	TicketStateUnknown TicketState = iota
	TicketNew
	TicketInProgress
	TicketResolved
	TicketClosed
	TicketRescheduled
)

var ticketStateLabels = []string{"", "Nuevo", "En Progreso", "Resuelto", "Cerrado", "Reagendado"}

// ParseTicketState reads a label, or a code sent in its place.
func ParseTicketState(label string) TicketState {
	return TicketState(code(ticketStateLabels, label))
}

// TicketPriority is how urgent a ticket is. Its value is the code that writes take.
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

// ParseTicketPriority reads a label, or a code sent in its place.
func ParseTicketPriority(label string) TicketPriority {
	return TicketPriority(code(ticketPriorityLabels, label))
}

// TaskState is how far a job is.
type TaskState int

// The states of a job.
const (
	TaskStateUnknown TaskState = iota
	TaskPending
	TaskProcess
	TaskSuccess
	TaskFailure
)

var taskStateLabels = []string{"", "PENDING", "PROCESS", "SUCCESS", "FAILURE"}

// ParseTaskState reads a label.
func ParseTaskState(label string) TaskState {
	return TaskState(code(taskStateLabels, label))
}
