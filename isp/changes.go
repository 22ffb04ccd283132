package isp

import "slices"

// The changes of a write, for the audit log, name fields as the schema does. They have no values
// but amounts of money. Without a record that was read after the write, they are what was asked.

// changes compares the fields of the input. First and last name are not known apart, so a change of
// the whole name counts for each of them. After is nil if the outcome is unknown.
func (i *UpdateClientInput) changes(before, after *Client) []string {
	var changes []string
	for _, text := range i.texts(locale{}) {
		if text.given != nil && (after == nil || text.of(before) != text.of(after)) {
			changes = append(changes, text.field)
		}
	}
	switch {
	case i.Balance == nil:
	case after == nil:
		changes = append(changes, amountChange("balance", before.Balance, *i.Balance))
	case before.Balance.String() != after.Balance.String():
		changes = append(changes, amountChange("balance", before.Balance, after.Balance))
	}
	return changes
}

// amountChange names a field of money, and its old and new amount.
func amountChange(field string, from, to Decimal) string {
	return field + " " + amountText(from) + " -> " + amountText(to)
}

func amountText(amount Decimal) string {
	if amount.IsZero() {
		return "none"
	}
	return amount.String()
}

// changes compares the fields of the input. After is nil if the outcome is unknown.
func (i *UpdateTicketInput) changes(before, after *Ticket) []string {
	var changes []string
	add := func(field string, asked bool, of func(*Ticket) string) {
		if asked && (after == nil || of(before) != of(after)) {
			changes = append(changes, field)
		}
	}
	add("status", i.Status != nil, func(t *Ticket) string { return string(t.Status) })
	add("priority", i.Priority != nil, func(t *Ticket) string { return string(t.Priority) })
	add("technicianId", i.TechnicianID != nil, func(t *Ticket) string {
		return string(t.TechnicianName) + "\n" + string(t.TechnicianEmail)
	})
	return changes
}

// changes compares the fields of the input. The ticket of the result is nil if the outcome is
// unknown.
func (i *AnswerTicketInput) changes(before *Ticket, result *writeResult) []string {
	var changes []string
	after := result.ticket
	if !slices.ContainsFunc(result.userErrors, func(e *UserError) bool { return slices.Contains(e.Field, "text") }) {
		changes = append(changes, "text")
	}
	if i.Status != nil && (after == nil || before.Status != after.Status) {
		changes = append(changes, "status")
	}
	return changes
}
