package isp

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"time"
)

// ClientSelection is all clients that match, for a face that knows no pages.
type ClientSelection struct {
	// Clients are by service id. The list is shared, and not to be changed.
	Clients []*Client
	AsOf    time.Time
	// Tag is another whenever the directory is: also on other replicas, and after a restart.
	Tag string
}

// Select returns the clients that meet the filter and have all words of the search, all for nil and "".
func (c *Clients) Select(ctx context.Context, filter *ClientFilter, search string) (*ClientSelection, error) {
	listing, err := ClientQuery{Filter: filter, Search: &search}.parse(c.locale)
	if err != nil {
		return nil, err
	}
	directory, err := c.currentDirectory(ctx)
	if err != nil {
		return nil, err
	}
	return &ClientSelection{
		Clients: directory.selected(&listing.filter, listing.words), AsOf: directory.asOf, Tag: directory.tag(),
	}, nil
}

func (d *directory) selected(filter *ClientFilter, words []searchWord) []*Client {
	if len(words) == 0 && len(filter.conditions()) == 0 {
		return d.clients
	}
	set := d.match(filter, words)
	clients := make([]*Client, 0, set.count())
	for i := range set.each {
		clients = append(clients, d.clients[i])
	}
	return clients
}

// tag is made of what was read when, and of nothing that only this process knows.
func (d *directory) tag() string {
	return strconv.FormatInt(d.asOf.UnixNano(), 36) + "-" + strconv.FormatUint(d.writesHash, 36)
}

// hashWrites is of the writes that a directory has beside its list.
func hashWrites(writes map[int]override[*Client]) uint64 {
	sum := fnv.New64a()
	for _, id := range slices.Sorted(maps.Keys(writes)) {
		_ = binary.Write(sum, binary.LittleEndian, [2]int64{int64(id), writes[id].at.UnixNano()}) // to a hash it never fails
	}
	return sum.Sum64()
}
