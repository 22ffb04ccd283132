package wisphubtest

import (
	"html"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// ticketGenerator makes the row of an outline. The same ticket always gets the same row. It is
// safe for concurrent use.
type ticketGenerator struct {
	seed  uint64
	staff []staff
}

// row makes the row of a ticket. A nil client means that it was deleted. The random numbers do not
// depend on the quirks, so switching one leaves the other values alone.
func (tg ticketGenerator) row(t *ticket, client *ticketService, counters ticketCounters, q Quirks) *ticketRow {
	g := &generator{rng: rand.New(rand.NewPCG(tg.seed, streamTickets<<48|uint64(t.id))), quirks: q}
	row := &ticketRow{ID: t.id, State: ticketStates[t.state], Department: department}
	row.ThisMonth, row.ThisYear = counters.month, counters.year
	row.Service = client
	row.Subject = g.drawTicketSubject(client)
	row.Priority = g.drawTicketPriority()
	row.Source = oneOf(g, ticketSources)
	row.CreatedBy = oneOf(g, tg.staff).Username
	row.Description = g.paragraphs(complaints, 1+g.rng.IntN(3))
	row.TechnicianEmail = t.technician
	row.Technician = tg.technicianName(g, t)
	g.fillTicketDates(row, t)
	g.fillTicketAnswers(row, t)
	return row
}

func (g *generator) drawTicketSubject(client *ticketService) string {
	subject := oneOf(g, subjects)
	if g.chance(80) {
		subject = oneOf(g, subjects[:commonSubjects])
	}
	suffix := g.chance(40) && g.quirks.SubjectSuffix
	if name := client.name(); name != "" && suffix {
		subject += " - " + strings.ToUpper(name)
	}
	return subject
}

func (g *generator) drawTicketPriority() string {
	code := weighted(g, []int{1: 15, 2: 50, 3: 25, 4: 10}, func(weight int) int { return weight })
	if g.chance(20) && g.quirks.DigitPriority {
		return strconv.Itoa(code)
	}
	return ticketPriorities[code]
}

// technicianName is nil for an unassigned ticket, and for one with the HiddenTechnician quirk.
func (tg ticketGenerator) technicianName(g *generator, t *ticket) any {
	if g.chance(40) && g.quirks.HiddenTechnician {
		return nil
	}
	for _, member := range tg.staff {
		if member.Username == t.technician {
			return member.Name
		}
	}
	return nil
}

// fillTicketDates sets the dates. The start of the work is null in a new ticket, and the end is
// null until the ticket is finished.
func (g *generator) fillTicketDates(row *ticketRow, t *ticket) {
	created := t.created.In(bogota)
	row.CreatedAt = created.Format(time.RFC3339)
	row.EstimatedStart = created.Format(ticketTimeLayout)
	row.EstimatedEnd = created.AddDate(0, 0, 3).Format(ticketTimeLayout)
	started := created.Add(time.Duration(1+g.rng.IntN(600)) * time.Minute)
	ended := started.Add(time.Duration(20+g.rng.IntN(2_000)) * time.Minute)
	layout := oneOf(g, []string{monthFirstLayout, dayFirstLayout})
	if t.state != stateNew {
		row.StartedAt = g.workTime(started, layout)
	}
	if t.finished() {
		row.EndedAt = g.workTime(ended, layout)
		row.ClosedBy = t.technician
	}
}

func (t *ticket) finished() bool { return t.state == stateResolved || t.state == stateClosed }

// workTime is five hours late with the SlashDates quirk, which takes Colombian time for UTC.
func (g *generator) workTime(t time.Time, layout string) string {
	if g.quirks.SlashDates {
		return t.UTC().Format(layout)
	}
	return t.Format(ticketTimeLayout)
}

// fillTicketAnswers sets up to three answers. A finished ticket rarely has none.
func (g *generator) fillTicketAnswers(row *ticketRow, t *ticket) {
	n := g.rng.IntN(3)
	if g.chance(70) && t.finished() {
		n++
	}
	answers := make([]ticketAnswer, 0, n)
	for i := range n {
		answers = append(answers, ticketAnswer{
			Text:      g.paragraphs(replies, 1),
			CreatedAt: t.created.In(bogota).Add(time.Duration(i+1) * time.Hour).Format(time.RFC3339),
			User:      row.CreatedBy,
		})
	}
	row.Answers = answers
	switch {
	case !g.quirks.LooseAnswers:
	case n == 0:
		row.Answers = nil
	case n == 1:
		row.Answers = answers[0]
	}
}

// paragraphs joins n random sentences, one paragraph each.
func (g *generator) paragraphs(sentences []string, n int) string {
	var lines []string
	for range n {
		line := oneOf(g, sentences)
		if g.quirks.HTMLDescriptions {
			line = "<p>" + entities.Replace(html.EscapeString(line)) + "</p>"
		}
		lines = append(lines, line)
	}
	if g.quirks.HTMLDescriptions {
		return strings.Join(lines, "\r\n")
	}
	return strings.Join(lines, " ")
}

// entities replaces letters as the panel's editor does.
var entities = strings.NewReplacer("á", "&aacute;", "é", "&eacute;", "í", "&iacute;", "ó", "&oacute;", "ñ", "&ntilde;", "\n", "<br />\r\n")

var (
	complaints = []string{
		"El cliente reporta que no tiene internet desde ayer.",
		"La navegación es lenta en las noches; en el día está bien.",
		"El bombillo LOS de la ONU está en rojo.",
		"Se reinició el router & no cambió nada.\nLa antena responde < 1 ms.",
		"Llamar antes de ir, después de las 2 pm.",
		"El dueño pide cambiar la contraseña del wifi.",
	}
	replies = []string{
		"Se alineó la antena, señal -58 dBm. Queda navegando.",
		"Se cambió el conector y se probó con la clienta.",
		"No había nadie en la casa; se llama mañana.",
		"Se reinició el equipo de forma remota & quedó estable.",
	}
)
