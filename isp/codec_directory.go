package isp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// directoryRecord is the stored form of a [directory] without its clients, which follow under the
// key "clients" as a list of [clientRecord]. Records that clients share are stored once, and clients
// refer to their position in the list, from 1.
type directoryRecord struct {
	AsOf     moment        `json:"asOf"`
	FreshFor time.Duration `json:"lasts"`
	// Crawls are [seconds, nanoseconds, calls]; see moment.
	Crawls  [][3]int64 `json:"readings"`
	Plans   []*Plan    `json:"plans"`
	Zones   []*Zone    `json:"zones"`
	Routers []*Router  `json:"routers"`
	Sectors []*Sector  `json:"sectors"`
	Staff   []*Staff   `json:"staff"`
}

// clientRecordSize is about how many bytes of JSON a client has.
const clientRecordSize = 640

// encodeDirectory encodes the clients one by one, because all records at once would take several
// times the memory of the result.
func encodeDirectory(d *directory) ([]byte, error) {
	record, positions := newDirectoryRecord(d), recordPositions{}
	references := make([]clientReferences, len(d.clients))
	for i, client := range d.clients {
		references[i] = clientReferences{
			positionOf(&record.Plans, positions, client.Plan),
			positionOf(&record.Zones, positions, client.Zone),
			positionOf(&record.Routers, positions, client.Router),
			positionOf(&record.Sectors, positions, client.Sector),
			positionOf(&record.Staff, positions, client.Technician),
		}
	}
	head, err := json.Marshal(record)
	if err != nil {
		return nil, err
	}
	var data bytes.Buffer
	data.Grow(len(head) + len(d.clients)*clientRecordSize)
	data.Write(head[:len(head)-1]) // without the brace
	data.WriteString(`,"clients":[`)
	encoder, pace := json.NewEncoder(&data), newWorkPace()
	var row clientRecord // one for all, because Encode moves it to the heap
	for i, client := range d.clients {
		if i > 0 {
			data.WriteByte(',')
		}
		row = newClientRecord(client)
		row.clientReferences = references[i]
		if err := encoder.Encode(&row); err != nil {
			return nil, err
		}
		pace.step()
	}
	data.WriteString("]}")
	return data.Bytes(), nil
}

func newDirectoryRecord(d *directory) *directoryRecord {
	record := &directoryRecord{AsOf: momentOf(d.asOf), FreshFor: d.freshFor}
	for _, crawl := range d.crawls {
		began := momentOf(crawl.began)
		record.Crawls = append(record.Crawls, [3]int64{began[0], began[1], int64(crawl.calls)})
	}
	return record
}

// decodeDirectory decodes and indexes a directory. Malformed values are absent, as in rows of
// WispHub.
func decodeDirectory(data []byte, loc locale, version uint64) (*directory, error) {
	return decodeDirectoryAfter(nil, data, loc, version)
}

// decodeDirectoryAfter is decodeDirectory. It uses the clients of the previous directory again, if
// that is not nil.
func decodeDirectoryAfter(previous *directory, data []byte, loc locale, version uint64) (*directory, error) {
	reader := directoryReader{
		json: json.NewDecoder(bytes.NewReader(data)), convert: newConverterAfter(previous, loc, time.Time{}), pace: newWorkPace(),
	}
	if err := reader.read(); err != nil {
		return nil, fmt.Errorf("clients: %w", err)
	}
	record := &reader.record
	asOf := record.AsOf.past(loc.zone)
	if asOf.IsZero() {
		return nil, fmt.Errorf("clients: the directory %w", errNoAge)
	}
	directory := buildAfter(previous, reader.clients, loc, asOf, version)
	directory.freshFor = record.FreshFor
	directory.crawls = decodeCrawls(record.Crawls, asOf)
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

// recordAt returns the record at a position of the list, shared with the known ones. It returns nil
// if there is none or it has no id.
func recordAt[R, T comparable](list []*T, position int, known records[R, T], id func(*T) int) *T {
	if position < 1 || position > len(list) || list[position-1] == nil || id(list[position-1]) <= 0 {
		return nil
	}
	return known.share(list[position-1])
}
