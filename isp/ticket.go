package isp

import (
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// Ticket is a request for support of one client. It is immutable and shared.
type Ticket struct {
	ID              string
	TicketID        int
	Subject         string // as WispHub has it, with escapes; see SubjectText
	Description     Text   // HTML
	Status          TicketStatus
	StatusLabel     string // as WispHub writes it
	Priority        TicketPriority
	PriorityLabel   string // as WispHub writes it
	Department      Text
	Source          Text
	CreatedAt       time.Time
	EstimatedStart  time.Time
	EstimatedEnd    time.Time
	TechnicianName  Text
	TechnicianEmail Text
	CreatedBy       Text
	ClosedBy        Text
	ServiceID       int // 0 when WispHub names no client
	Zone            *Zone
	// Answers is nil if WispHub sends no list of answers.
	Answers []*TicketAnswer

	serviceName string // from the ticket's row; "" from other sources
}

// IsNode implements [Node].
func (*Ticket) IsNode() {}

// TicketAnswer is one text under a ticket, which the subscriber can read.
type TicketAnswer struct {
	Text      string
	CreatedAt time.Time
	Author    Text
}

// TicketStatus is the state of a ticket.
type TicketStatus string

// The states of a ticket. TicketUnknown is for reading only.
const (
	TicketNew         TicketStatus = "NEW"
	TicketInProgress  TicketStatus = "IN_PROGRESS"
	TicketResolved    TicketStatus = "RESOLVED"
	TicketClosed      TicketStatus = "CLOSED"
	TicketRescheduled TicketStatus = "RESCHEDULED"
	TicketUnknown     TicketStatus = "UNKNOWN"
)

var ticketStatuses = map[wisphub.TicketState]TicketStatus{
	wisphub.TicketStateUnknown: TicketUnknown,
	wisphub.TicketNew:          TicketNew,
	wisphub.TicketInProgress:   TicketInProgress,
	wisphub.TicketResolved:     TicketResolved,
	wisphub.TicketClosed:       TicketClosed,
	wisphub.TicketRescheduled:  TicketRescheduled,
}

// TicketPriority is how urgent a ticket is.
type TicketPriority string

// The priorities of a ticket. PriorityUnknown is for reading only.
const (
	PriorityLow      TicketPriority = "LOW"
	PriorityNormal   TicketPriority = "NORMAL"
	PriorityHigh     TicketPriority = "HIGH"
	PriorityVeryHigh TicketPriority = "VERY_HIGH"
	PriorityUnknown  TicketPriority = "UNKNOWN"
)

var ticketPriorities = map[wisphub.TicketPriority]TicketPriority{
	wisphub.TicketPriorityUnknown: PriorityUnknown,
	wisphub.PriorityLow:           PriorityLow,
	wisphub.PriorityNormal:        PriorityNormal,
	wisphub.PriorityHigh:          PriorityHigh,
	wisphub.PriorityVeryHigh:      PriorityVeryHigh,
}

// newTicket converts a row with a valid id. Dates without an offset are in zone.
func newTicket(row *wisphub.Ticket, zone *time.Location) *Ticket {
	ticket := &Ticket{
		TicketID:        int(row.ID),
		Subject:         string(row.Subject),
		Description:     Text(row.Description),
		StatusLabel:     string(row.State),
		PriorityLabel:   string(row.Priority),
		Department:      Text(row.Department),
		Source:          Text(row.Source),
		CreatedAt:       row.Created.In(zone),
		EstimatedStart:  row.EstimatedStart.In(zone),
		EstimatedEnd:    row.EstimatedEnd.In(zone),
		TechnicianName:  Text(text.Visible(string(row.Technician))),
		TechnicianEmail: Text(row.TechnicianEmail),
		CreatedBy:       Text(row.CreatedBy),
		ClosedBy:        Text(row.ClosedBy),
		Answers:         newAnswers(row.Answers, zone),
	}
	if service := row.Service.Value; service != nil {
		ticket.ServiceID, ticket.serviceName = max(int(service.ID), 0), text.Visible(string(service.Name))
		if service.Zone.Value != nil && service.Zone.Value.ID > 0 {
			ticket.Zone = newZone(*service.Zone.Value)
		}
	}
	ticket.derive()
	return ticket
}

// derive sets the fields that follow from others.
func (t *Ticket) derive() {
	t.ID = nodeID("ticket", t.TicketID)
	t.Status = ticketStatuses[wisphub.ParseTicketState(t.StatusLabel)]
	t.Priority = ticketPriorities[wisphub.ParseTicketPriority(t.PriorityLabel)]
}

func newAnswers(rows wisphub.Answers, zone *time.Location) []*TicketAnswer {
	if rows == nil {
		return nil
	}
	answers := make([]*TicketAnswer, len(rows))
	for i, row := range rows {
		answers[i] = &TicketAnswer{Text: string(row.Text), CreatedAt: row.Created.In(zone), Author: Text(row.Author)}
	}
	return answers
}

func (t *Ticket) zoneID() int {
	if t.Zone == nil {
		return 0
	}
	return t.Zone.ZoneID
}

// SubjectText returns the subject with the signs < and > that were escaped in it. WispHub must get
// Subject back as it is.
func (t *Ticket) SubjectText() string { return withTags(t.Subject) }

// DescriptionText returns the description as plain text, with one line for each block and without
// scripts and styles.
func (t *Ticket) DescriptionText() Text { return Text(plainText(string(t.Description))) }

// LatestAnswer returns the newest answer as plain text, "" if there is none.
func (t *Ticket) LatestAnswer() Text {
	var latest *TicketAnswer
	for _, answer := range t.Answers {
		if latest == nil || !answer.CreatedAt.Before(latest.CreatedAt) {
			latest = answer
		}
	}
	if latest == nil {
		return ""
	}
	return Text(plainText(latest.Text))
}

// plainText returns the text of HTML. It needs a tokenizer, because no regular expression reads
// HTML as a browser does.
func plainText(markup string) string {
	var text strings.Builder
	skip := atom.Atom(0)
	tokens := html.NewTokenizer(strings.NewReader(markup))
	for {
		switch tokens.Next() {
		case html.ErrorToken: // the end; a string causes no other error
			return tidyLines(text.String())
		case html.TextToken:
			if skip == 0 {
				text.Write(tokens.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := tokens.TagName()
			tag := atom.Lookup(name)
			if tag == atom.Script || tag == atom.Style {
				skip = tag
			}
			breakLine(&text, tag)
		case html.EndTagToken:
			name, _ := tokens.TagName()
			tag := atom.Lookup(name)
			if tag == skip {
				skip = 0
			}
			breakLine(&text, tag)
		}
	}
}

func breakLine(text *strings.Builder, tag atom.Atom) {
	switch tag {
	case atom.Br, atom.P, atom.Div, atom.Li, atom.Ul, atom.Ol, atom.Tr, atom.Td, atom.Th, atom.Table, atom.Blockquote,
		atom.Pre, atom.Hr, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		text.WriteByte('\n')
	}
}

// tidyLines collapses spaces and removes empty lines.
func tidyLines(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 0 {
			lines = append(lines, strings.Join(words, " "))
		}
	}
	return strings.Join(lines, "\n")
}
