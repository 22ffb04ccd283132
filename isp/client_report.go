package isp

import (
	"log/slog"

	"wisphub-graphql/wisphub"
)

// maxReported limits the ids in one log line, and the labels of a field in memory.
const maxReported = 20

// report logs what a crawl could not understand. It names left-out rows (without an id by
// position, repeated ones by id) and the ids of rows with malformed values.
func (c *clientCrawl) report(clients []*Client) {
	rejected := malformedRows{malformedFields: map[string]int{}, seen: make(map[int]bool, len(clients))}
	for position, client := range clients {
		rejected.add(position, client.ServiceID, c.malformed[client])
	}
	rejected.log(c.clients.logger)
}

// malformedRows collects the malformed rows of one crawl.
type malformedRows struct {
	withoutID       []int // by position
	repeated        []int
	malformed       []int
	malformedFields map[string]int
	seen            map[int]bool
}

func (f *malformedRows) add(position, id int, fields []string) {
	if id <= 0 {
		f.withoutID = append(f.withoutID, position)
		return
	}
	if f.seen[id] {
		f.repeated = append(f.repeated, id)
	}
	f.seen[id] = true
	if len(fields) > 0 {
		f.malformed = append(f.malformed, id)
	}
	for _, field := range fields {
		f.malformedFields[field]++
	}
}

func (f *malformedRows) log(logger *slog.Logger) {
	if n := len(f.withoutID); n > 0 {
		logger.Warn("left out client rows without a service id", "count", n, "positions", firstIDs(f.withoutID))
	}
	if n := len(f.repeated); n > 0 {
		logger.Warn("left out client rows that repeat a service id", "count", n, "services", firstIDs(f.repeated))
	}
	if n := len(f.malformed); n > 0 {
		logger.Warn("client rows with malformed values", "count", n, "services", firstIDs(f.malformed), "fields", f.malformedFields)
	}
}

// noteUnknownLabels logs new labels that we do not know.
func (c *Clients) noteUnknownLabels(row *wisphub.Client) {
	if wisphub.ParseClientState(string(row.State)) == wisphub.ClientStateUnknown {
		c.labels.note("clientes.estado", string(row.State))
	}
	if wisphub.ParseInvoiceState(string(row.InvoiceState)) == wisphub.InvoiceStateUnknown {
		c.labels.note("clientes.estado_facturas", string(row.InvoiceState))
	}
}

func firstIDs(ids []int) []int { return ids[:min(len(ids), maxReported)] }
