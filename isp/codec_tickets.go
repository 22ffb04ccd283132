package isp

import (
	"encoding/json"
	"fmt"
	"time"
)

// ticketSetRecord is a [ticketSet] in its encoded form.
type ticketSetRecord struct {
	AsOf     moment         `json:"asOf"`
	FreshFor time.Duration  `json:"lasts,omitzero"`
	Crawls   [][3]int64     `json:"readings,omitzero"` // [seconds, nanoseconds, calls]; see moment
	Tickets  []ticketRecord `json:"tickets"`
}

// ticketRecord is a [Ticket] in its encoded form, without the fields that derive sets.
type ticketRecord struct {
	ID              int            `json:"id"`
	Subject         string         `json:"subject,omitzero"`
	Description     Text           `json:"description,omitzero"`
	Status          string         `json:"status,omitzero"`
	Priority        string         `json:"priority,omitzero"`
	Department      Text           `json:"department,omitzero"`
	Source          Text           `json:"source,omitzero"`
	Created         moment         `json:"created,omitzero"`
	EstimatedStart  moment         `json:"estimatedStart,omitzero"`
	EstimatedEnd    moment         `json:"estimatedEnd,omitzero"`
	TechnicianName  Text           `json:"technicianName,omitzero"`
	TechnicianEmail Text           `json:"technicianEmail,omitzero"`
	CreatedBy       Text           `json:"createdBy,omitzero"`
	ClosedBy        Text           `json:"closedBy,omitzero"`
	ServiceID       int            `json:"serviceId,omitzero"`
	ServiceName     string         `json:"serviceName,omitzero"`
	Zone            *Zone          `json:"zone,omitzero"`
	Answers         []answerRecord `json:"answers,omitzero"` // absent only for nil
}

// answerRecord is a [TicketAnswer] in its encoded form.
type answerRecord struct {
	Text    string `json:"text,omitzero"`
	Created moment `json:"created,omitzero"`
	Author  Text   `json:"author,omitzero"`
}

func encodeTicketSet(set *ticketSet) ([]byte, error) {
	record := ticketSetRecord{
		AsOf: momentOf(set.asOf), FreshFor: set.freshFor, Tickets: make([]ticketRecord, len(set.tickets)),
	}
	for _, crawl := range set.crawls {
		began := momentOf(crawl.began)
		record.Crawls = append(record.Crawls, [3]int64{began[0], began[1], int64(crawl.calls)})
	}
	for i, ticket := range set.tickets {
		record.Tickets[i] = newTicketRecord(ticket)
	}
	return json.Marshal(record)
}

// decodeTicketSet keeps tickets that repeat an id, as a crawl does. The index takes the last of
// them.
func decodeTicketSet(data []byte, zone *time.Location, version uint64) (*ticketSet, error) {
	var record ticketSetRecord
	if err := json.Unmarshal(data, &record); err != nil {
		return nil, fmt.Errorf("tickets: %w", err)
	}
	set := &ticketSet{version: version, asOf: record.AsOf.past(zone), freshFor: record.FreshFor}
	set.crawls = decodeCrawls(record.Crawls, set.asOf)
	if set.asOf.IsZero() {
		return nil, fmt.Errorf("tickets: %w", errNoAge)
	}
	for i := range record.Tickets {
		if record.Tickets[i].ID > 0 {
			set.tickets = append(set.tickets, record.Tickets[i].ticket(zone))
		}
	}
	return set, nil
}

func newTicketRecord(t *Ticket) ticketRecord {
	record := ticketRecord{
		ID:              t.TicketID,
		Subject:         t.Subject,
		Description:     t.Description,
		Status:          t.StatusLabel,
		Priority:        t.PriorityLabel,
		Department:      t.Department,
		Source:          t.Source,
		Created:         momentOf(t.CreatedAt),
		EstimatedStart:  momentOf(t.EstimatedStart),
		EstimatedEnd:    momentOf(t.EstimatedEnd),
		TechnicianName:  t.TechnicianName,
		TechnicianEmail: t.TechnicianEmail,
		CreatedBy:       t.CreatedBy,
		ClosedBy:        t.ClosedBy,
		ServiceID:       t.ServiceID,
		ServiceName:     t.serviceName,
		Zone:            t.Zone,
	}
	if t.Answers != nil {
		record.Answers = make([]answerRecord, len(t.Answers))
	}
	for i, answer := range t.Answers {
		record.Answers[i] = answerRecord{answer.Text, momentOf(answer.CreatedAt), answer.Author}
	}
	return record
}

func (r *ticketRecord) ticket(zone *time.Location) *Ticket {
	ticket := &Ticket{
		TicketID:        r.ID,
		Subject:         r.Subject,
		Description:     r.Description,
		StatusLabel:     r.Status,
		PriorityLabel:   r.Priority,
		Department:      r.Department,
		Source:          r.Source,
		CreatedAt:       r.Created.in(zone),
		EstimatedStart:  r.EstimatedStart.in(zone),
		EstimatedEnd:    r.EstimatedEnd.in(zone),
		TechnicianName:  r.TechnicianName,
		TechnicianEmail: r.TechnicianEmail,
		CreatedBy:       r.CreatedBy,
		ClosedBy:        r.ClosedBy,
		ServiceID:       max(r.ServiceID, 0),
		serviceName:     r.ServiceName,
	}
	if r.Zone != nil && r.Zone.ZoneID > 0 {
		ticket.Zone = r.Zone
	}
	if r.Answers != nil {
		ticket.Answers = make([]*TicketAnswer, len(r.Answers))
	}
	for i, answer := range r.Answers {
		ticket.Answers[i] = &TicketAnswer{Text: answer.Text, CreatedAt: answer.Created.in(zone), Author: answer.Author}
	}
	ticket.derive()
	return ticket
}
