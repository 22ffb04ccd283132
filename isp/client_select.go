package isp

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"strconv"
	"time"
)

// ClientSelection is all clients that match, for APIs without pages.
type ClientSelection struct {
	// Clients are sorted by service id. The slice is shared and must not be changed.
	Clients []*Client
	AsOf    time.Time
	// Tag changes with the directory. It is the same on all replicas and survives a restart.
	Tag string
}

// Select returns the clients that meet the filter and contain all words of the search. A nil
// filter and "" match all clients.
func (c *Clients) Select(ctx context.Context, filter *ClientFilter, search string) (*ClientSelection, error) {
	query, err := ClientQuery{Filter: filter, Search: &search}.parse(c.locale)
	if err != nil {
		return nil, err
	}
	if query.filter.excludesAll() {
		return &ClientSelection{Clients: []*Client{}, AsOf: time.Now().In(c.locale.zone), Tag: "none"}, nil
	}
	directory, err := c.currentDirectory(ctx)
	if err != nil {
		return nil, err
	}
	return &ClientSelection{
		Clients: directory.selected(&query.filter, query.words), AsOf: directory.asOf, Tag: directory.tag(),
	}, nil
}

func (d *directory) selected(filter *ClientFilter, words []searchWord) []*Client {
	if len(words) == 0 && filter.isEmpty() {
		return d.clients
	}
	set := d.match(filter, words)
	clients := make([]*Client, 0, set.count())
	for i := range set.each {
		clients = append(clients, d.clients[i])
	}
	return clients
}

// tag depends on nothing that only this process knows, such as version.
func (d *directory) tag() string {
	return strconv.FormatInt(d.asOf.UnixNano(), 36) + "-" + strconv.FormatUint(d.writesHash, 36)
}

// hashWrite returns a hash of a write that a directory contains beside its crawl.
func hashWrite(id int, at time.Time) uint64 {
	sum := fnv.New64a()
	_ = binary.Write(sum, binary.LittleEndian, [2]int64{int64(id), at.UnixNano()}) // writing to a hash never fails
	return sum.Sum64()
}
