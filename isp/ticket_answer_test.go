package isp

import (
	"errors"
	"testing"
	"time"
)

// Answers are recognised in each form in which WispHub stores them. If a new answer is not
// recognised, the outcome is unknown.
func TestAnswerTicketInput_NotApplied(t *testing.T) {
	t.Parallel()
	first, second := time.Unix(1000, 0), time.Unix(2000, 0)
	answers := func(list ...TicketAnswer) *Ticket {
		ticket := &Ticket{Answers: []*TicketAnswer{}}
		for i := range list {
			ticket.Answers = append(ticket.Answers, &list[i])
		}
		return ticket
	}
	for name, test := range map[string]struct {
		text          string
		before, after *Ticket
		code          UserErrorCode
		unknown       bool
	}{
		"plain":                   {"Hola", answers(), answers(TicketAnswer{Text: "Hola"}), "", false},
		"as HTML":                 {"a & b", answers(), answers(TicketAnswer{Text: "<p>a &amp; b</p>"}), "", false},
		"escaped twice":           {"a & b < c", answers(), answers(TicketAnswer{Text: "a &amp;amp; b &amp;lt; c"}), "", false},
		"emoji lost":              {"Listo 👍", answers(), answers(TicketAnswer{Text: "Listo ?"}), "", false},
		"only emoji":              {"👍", answers(), answers(TicketAnswer{Text: "👍"}), "", false},
		"the latest alone":        {"Hola", answers(TicketAnswer{Text: "Hola", CreatedAt: first}), answers(TicketAnswer{Text: "Hola", CreatedAt: second}), "", false},
		"not there":               {"Hola", answers(TicketAnswer{Text: "Hola", CreatedAt: first}), answers(TicketAnswer{Text: "Hola", CreatedAt: first}), CodeNotApplied, false},
		"none at all":             {"Hola", answers(), answers(), CodeNotApplied, false},
		"not read":                {"Hola", answers(), &Ticket{}, "", true},
		"of another text":         {"Hola", answers(), answers(TicketAnswer{Text: "Jola", CreatedAt: second}), "", true},
		"another, the last alone": {"Hola", answers(TicketAnswer{Text: "A", CreatedAt: first}), answers(TicketAnswer{Text: "B", CreatedAt: second}), "", true},
	} {
		wrong, err := (&AnswerTicketInput{Text: test.text}).notApplied(test.before, test.after, second)
		code := UserErrorCode("")
		if len(wrong) > 0 {
			code = wrong[0].Code
		}
		if code != test.code || errors.Is(err, ErrOutcomeUnknown) != test.unknown {
			t.Errorf("%s: %q, %v, want %q and unknown %t", name, code, err, test.code, test.unknown)
		}
	}
}
