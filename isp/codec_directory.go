package isp

import (
	"encoding/json"
	"fmt"
	"time"
)

// directoryRecord is the stored form of a [directory]. Records that clients share are stored
// once, and clients refer to their position in the list, from 1.
type directoryRecord struct {
	AsOf     moment        `json:"asOf"`
	FreshFor time.Duration `json:"lasts"`
	// Crawls are [seconds, nanoseconds, calls]; see moment.
	Crawls  [][3]int64     `json:"readings"`
	Plans   []*Plan        `json:"plans"`
	Zones   []*Zone        `json:"zones"`
	Routers []*Router      `json:"routers"`
	Sectors []*Sector      `json:"sectors"`
	Staff   []*Staff       `json:"staff"`
	Clients []clientRecord `json:"clients"`
}

func encodeDirectory(d *directory) ([]byte, error) {
	record := &directoryRecord{
		AsOf: momentOf(d.asOf), FreshFor: d.freshFor, Clients: make([]clientRecord, len(d.clients)),
	}
	positions := recordPositions{}
	for _, crawl := range d.crawls {
		began := momentOf(crawl.began)
		record.Crawls = append(record.Crawls, [3]int64{began[0], began[1], int64(crawl.calls)})
	}
	for i, client := range d.clients {
		row := newClientRecord(client)
		row.Plan = positionOf(&record.Plans, positions, client.Plan)
		row.Zone = positionOf(&record.Zones, positions, client.Zone)
		row.Router = positionOf(&record.Routers, positions, client.Router)
		row.Sector = positionOf(&record.Sectors, positions, client.Sector)
		row.Technician = positionOf(&record.Staff, positions, client.Technician)
		record.Clients[i] = row
	}
	return json.Marshal(record)
}

// decodeDirectory decodes and indexes a directory. Malformed values are absent, as in rows of
// WispHub.
func decodeDirectory(data []byte, loc locale, version uint64) (*directory, error) {
	record := &directoryRecord{}
	if err := json.Unmarshal(data, record); err != nil {
		return nil, fmt.Errorf("clients: %w", err)
	}
	convert := newConverter(loc, record.AsOf.past(loc.zone))
	if convert.asOf.IsZero() {
		return nil, fmt.Errorf("clients: the directory %w", errNoAge)
	}
	clients := make([]*Client, 0, len(record.Clients))
	for i := range record.Clients {
		if row := &record.Clients[i]; row.ID > 0 {
			client := convert.fromRecord(row)
			record.setReferences(client, row)
			clients = append(clients, client)
		}
	}
	directory := buildDirectory(clients, loc, convert.asOf, version)
	directory.freshFor = record.FreshFor
	directory.crawls = decodeCrawls(record.Crawls, convert.asOf)
	return directory, nil
}

// decodeCrawls decodes the crawls of a list that was read at asOf. One in the future, by a clock
// that was wrong, counts as the one that brought the list.
func decodeCrawls(records [][3]int64, asOf time.Time) (crawls []crawlCost) {
	now := time.Now()
	for _, r := range records {
		began := moment{r[0], r[1]}.in(asOf.Location())
		if began.After(now) {
			began = asOf
		}
		crawls = append(crawls, crawlCost{began, int(r[2])})
	}
	return crawls
}

// recordPositions remembers the position of each record in its list.
type recordPositions map[any]int

// positionOf returns the position of a record in the list, from 1. It appends new records. It
// returns 0 for nil.
func positionOf[T any](list *[]*T, positions recordPositions, record *T) int {
	if record == nil {
		return 0
	}
	if positions[record] == 0 {
		*list = append(*list, record)
		positions[record] = len(*list)
	}
	return positions[record]
}

// setReferences sets the records that a row refers to.
func (r *directoryRecord) setReferences(client *Client, row *clientRecord) {
	client.Plan = recordAt(r.Plans, row.Plan, func(p *Plan) int { return p.PlanID })
	client.Zone = recordAt(r.Zones, row.Zone, func(z *Zone) int { return z.ZoneID })
	client.Router = recordAt(r.Routers, row.Router, func(r *Router) int { return r.RouterID })
	client.Sector = recordAt(r.Sectors, row.Sector, func(s *Sector) int { return s.SectorID })
	client.Technician = recordAt(r.Staff, row.Technician, func(s *Staff) int { return s.StaffID })
}

// recordAt returns the record at a position. It returns nil if there is none or it has no id.
func recordAt[T any](list []*T, position int, id func(*T) int) *T {
	if position < 1 || position > len(list) || list[position-1] == nil || id(list[position-1]) <= 0 {
		return nil
	}
	return list[position-1]
}
