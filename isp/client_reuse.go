package isp

import (
	"slices"
	"time"
)

// A refresh finds most clients as they were. It keeps these, and all that depends on them, so that
// it takes little memory and time beside the directory that answers meanwhile.

// known returns the previous client with the service id, or nil.
func (v *converter) known(serviceID int) *Client {
	if v.previous == nil {
		return nil
	}
	return v.previous.byID(serviceID)
}

// sameClient reports whether two clients are equal in all that WispHub sends.
func sameClient(a, b *Client) bool {
	first, second := newClientRecord(a), newClientRecord(b)
	first.Location, second.Location = nil, nil
	return first == second && sameValue(a.Location, b.Location) && sameValue(a.Plan, b.Plan) && sameValue(a.Zone, b.Zone) &&
		sameValue(a.Router, b.Router) && sameValue(a.Sector, b.Sector) && sameValue(a.Technician, b.Technician)
}

func sameValue[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// buildAfter is buildDirectory for clients of a converter that had the previous directory, which
// may be nil. If few clients have changed, the new directory shares the indexes of the previous one.
// Now and then it builds them, because they keep traces of clients that were replaced.
func buildAfter(previous *directory, clients []*Client, loc locale, asOf time.Time, version uint64) *directory {
	confirm(clients, asOf)
	if changed, ok := previous.changedIn(clients); ok && previous.replaced+len(changed) <= len(previous.clients) {
		next := previous.replace(changed, version)
		next.asOf, next.freshFor, next.crawls = asOf, 0, nil
		return next
	}
	return buildDirectory(clients, loc, asOf, version)
}

// changedIn returns the clients that are not in the directory as they are. It is not ok if there is
// no directory, or if one of its clients is gone.
func (d *directory) changedIn(clients []*Client) (changed []*Client, ok bool) {
	if d == nil {
		return nil, false
	}
	present := newBitset(len(d.clients))
	for _, client := range clients {
		at, known := d.ids.position(client.ServiceID)
		if known && present.has(at) {
			continue // of clients with the same id the first counts
		}
		if known {
			present.add(at)
		}
		if !known || d.clients[at] != client {
			changed = append(changed, client)
		}
	}
	return changed, present.count() == len(d.clients)
}

// confirm records that the clients were read at that time, unless a later reading is known.
func confirm(clients []*Client, asOf time.Time) {
	read := &reading{asOf}
	for _, client := range slices.All(clients) {
		if !listTime(client.AsOf()).After(asOf) {
			client.read.Store(read)
		}
	}
}
