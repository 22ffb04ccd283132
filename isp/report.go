package isp

import (
	"log/slog"
	"strings"
	"sync"

	"wisphub-graphql/wisphub"
)

// maxReported bounds the ids named in one log line, and the labels remembered.
const maxReported = 20

// report logs what a reading of the list could not understand: rows without an id, by their place, which are left out;
// rows with odd values, by id; and labels that are new to this version, once each.
func (c *Clients) report(rows []wisphub.Client) {
	var without, odd []int
	fields := map[string]int{}
	for i := range rows {
		row := &rows[i]
		if row.ID <= 0 {
			without = append(without, i)
			continue
		}
		keys := row.OddFields()
		if len(keys) > 0 {
			odd = append(odd, int(row.ID))
		}
		for _, key := range keys {
			fields[key]++
		}
		if wisphub.ParseClientState(string(row.State)) == wisphub.ClientStateUnknown {
			c.labels.note(c.logger, "estado", string(row.State))
		}
		if wisphub.ParseInvoiceState(string(row.InvoiceState)) == wisphub.InvoiceStateUnknown {
			c.labels.note(c.logger, "estado_facturas", string(row.InvoiceState))
		}
	}
	if len(without) > 0 {
		c.logger.Warn("client rows without a service id are left out", "count", len(without), "positions", atMost(without))
	}
	if len(odd) > 0 {
		c.logger.Warn("client rows with values that make no sense", "count", len(odd), "services", atMost(odd), "fields", fields)
	}
}

func atMost(ids []int) []int { return ids[:min(len(ids), maxReported)] }

// unknownLabels remembers which labels were logged. The zero value is ready.
type unknownLabels struct {
	mu     sync.Mutex
	counts map[string]int // by field and label; guarded by mu
}

// note counts a label that this version does not know and logs it the first time. No label at all is not one.
func (u *unknownLabels) note(logger *slog.Logger, field, label string) {
	if label == "" {
		return
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
