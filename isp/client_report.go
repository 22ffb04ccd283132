package isp

import (
	"log/slog"
	"strings"
	"sync"

	"wisphub-graphql/wisphub"
)

// maxReported bounds the ids named in one log line, and the labels remembered.
const maxReported = 20

// maxLabel bounds a label in runes: it is free text of the upstream's.
const maxLabel = 40

// report logs what a reading of the list could not understand: rows without an id, by their place, and rows that repeat
// one, which are both left out; rows with odd values, by id; and labels that are new to this version, once each.
func (c *Clients) report(rows []wisphub.Client) {
	found := malformedRows{malformedFields: map[string]int{}, seen: make(map[wisphub.Int]bool, len(rows))}
	for i := range rows {
		found.add(i, &rows[i])
		c.noteUnknownLabels(&rows[i])
	}
	found.log(c.logger)
}

// malformedRows are the rows that are not as they should be.
type malformedRows struct {
	withoutID       []int // by place
	repeated        []int
	malformed       []int
	malformedFields map[string]int
	seen            map[wisphub.Int]bool
}

func (f *malformedRows) add(place int, row *wisphub.Client) {
	if row.ID <= 0 {
		f.withoutID = append(f.withoutID, place)
		return
	}
	if f.seen[row.ID] {
		f.repeated = append(f.repeated, int(row.ID))
	}
	f.seen[row.ID] = true
	fields := row.MalformedFields()
	if len(fields) > 0 {
		f.malformed = append(f.malformed, int(row.ID))
	}
	for _, field := range fields {
		f.malformedFields[field]++
	}
}

func (f *malformedRows) log(logger *slog.Logger) {
	if n := len(f.withoutID); n > 0 {
		logger.Warn("client rows without a service id are left out", "count", n, "positions", firstIDs(f.withoutID))
	}
	if n := len(f.repeated); n > 0 {
		logger.Warn("client rows that repeat a service id are left out", "count", n, "services", firstIDs(f.repeated))
	}
	if n := len(f.malformed); n > 0 {
		logger.Warn("client rows with values that make no sense", "count", n, "services", firstIDs(f.malformed), "fields", f.malformedFields)
	}
}

func (c *Clients) noteUnknownLabels(row *wisphub.Client) {
	if wisphub.ParseClientState(string(row.State)) == wisphub.ClientStateUnknown {
		c.labels.note(c.logger, "estado", string(row.State))
	}
	if wisphub.ParseInvoiceState(string(row.InvoiceState)) == wisphub.InvoiceStateUnknown {
		c.labels.note(c.logger, "estado_facturas", string(row.InvoiceState))
	}
}

func firstIDs(ids []int) []int { return ids[:min(len(ids), maxReported)] }

// unknownLabels remembers which labels were logged. The zero value is ready.
type unknownLabels struct {
	mu     sync.Mutex
	counts map[string]int // by field and label; guarded by mu
}

// record counts a label that this version does not know and logs it the first time. No label at all is not one.
func (u *unknownLabels) note(logger *slog.Logger, field, label string) {
	if label == "" {
		return
	}
	if runes := []rune(label); len(runes) > maxLabel {
		label = string(runes[:maxLabel]) + "…"
	}
	key := field + "\x00" + strings.ToLower(label)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.counts == nil {
		u.counts = map[string]int{}
	}
	if u.counts[key] == 0 && len(u.counts) < maxReported {
		u.counts[key] = 0
		logger.Warn("unknown label", "field", field, "label", label)
	}
	if _, known := u.counts[key]; known {
		u.counts[key]++
	}
}
