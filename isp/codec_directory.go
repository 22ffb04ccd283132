package isp

import (
	"encoding/json"
	"fmt"
	"time"
)

// directoryRecord is a [directory] on the way. What clients share is written once; they name its place in the list, from 1.
type directoryRecord struct {
	AsOf     moment        `json:"asOf"`
	FreshFor time.Duration `json:"lasts"`
	// Crawls are [seconds, nanoseconds, calls], see moment.
	Crawls  [][3]int64     `json:"readings"`
	Plans   []*Plan        `json:"plans"`
	Zones   []*Zone        `json:"zones"`
	Routers []*Router      `json:"routers"`
	Sectors []*Sector      `json:"sectors"`
	Staff   []*Staff       `json:"staff"`
	Clients []clientRecord `json:"clients"`
}

func encodeDirectory(d *directory) ([]byte, error) {
	record, known := &directoryRecord{AsOf: momentOf(d.asOf), FreshFor: d.freshFor, Clients: make([]clientRecord, len(d.clients))}, recordPositions{}
	for _, r := range d.crawls {
		began := momentOf(r.began)
		record.Crawls = append(record.Crawls, [3]int64{began[0], began[1], int64(r.calls)})
	}
	for i, client := range d.clients {
		row := newClientRecord(client)
		row.Plan = positionOf(&record.Plans, known, client.Plan)
		row.Zone = positionOf(&record.Zones, known, client.Zone)
		row.Router = positionOf(&record.Routers, known, client.Router)
		row.Sector = positionOf(&record.Sectors, known, client.Sector)
		row.Technician = positionOf(&record.Staff, known, client.Technician)
		record.Clients[i] = row
	}
	return json.Marshal(record)
}

// decodeDirectory builds the directory anew. A value that makes no sense is absent, as in a row of WispHub's.
func decodeDirectory(data []byte, where locale, version uint64) (*directory, error) {
	record := &directoryRecord{}
	if err := json.Unmarshal(data, record); err != nil {
		return nil, fmt.Errorf("clients: %w", err)
	}
	convert := newConverter(where, record.AsOf.in(where.zone))
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
	directory := buildDirectory(clients, where, convert.asOf, version)
	directory.freshFor = record.FreshFor
	for _, r := range record.Crawls {
		directory.crawls = append(directory.crawls, crawlCost{moment{r[0], r[1]}.in(where.zone), int(r[2])})
	}
	return directory, nil
}

// recordPositions remembers where in its list each record is.
type recordPositions map[any]int

// positionOf returns the place of a record, which is put behind the others when it is new; 0 for none.
func positionOf[T any](list *[]*T, known recordPositions, record *T) int {
	if record == nil {
		return 0
	}
	if known[record] == 0 {
		*list = append(*list, record)
		known[record] = len(*list)
	}
	return known[record]
}

// setReferences sets the records that a row names.
func (r *directoryRecord) setReferences(client *Client, row *clientRecord) {
	client.Plan = recordAt(r.Plans, row.Plan, func(p *Plan) int { return p.PlanID })
	client.Zone = recordAt(r.Zones, row.Zone, func(z *Zone) int { return z.ZoneID })
	client.Router = recordAt(r.Routers, row.Router, func(r *Router) int { return r.RouterID })
	client.Sector = recordAt(r.Sectors, row.Sector, func(s *Sector) int { return s.SectorID })
	client.Technician = recordAt(r.Staff, row.Technician, func(s *Staff) int { return s.StaffID })
}

// recordAt returns the record of a place, nil when there is none that has an id.
func recordAt[T any](list []*T, place int, id func(*T) int) *T {
	if place < 1 || place > len(list) || list[place-1] == nil || id(list[place-1]) <= 0 {
		return nil
	}
	return list[place-1]
}
