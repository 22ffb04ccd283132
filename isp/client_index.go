package isp

import (
	"cmp"
	"hash/maphash"
	"slices"

	"wisphub-graphql/isp/phone"
)

// bucketSize is about how many keys a bucket of a [clientIndex] has.
const bucketSize = 32

var indexSeed = maphash.MakeSeed()

// clientIndex finds clients by a text. It is immutable. Its keys are in many small buckets, so that
// a changed index shares all buckets but those of the changed clients.
type clientIndex struct {
	keysOf  indexKeys
	buckets [][]indexEntry
}

// indexEntry is the clients with a key, by service id.
type indexEntry struct {
	key     string
	clients []*Client
}

// indexKeys appends the keys of a client.
type indexKeys func(keys []string, c *Client) []string

func documentKeys(keys []string, c *Client) []string { return appendKey(keys, c.document) }

func usernameKeys(keys []string, c *Client) []string { return appendKey(keys, c.username) }

func phoneKeys(keys []string, c *Client) []string {
	for _, number := range c.Phones {
		keys = appendKey(keys, phone.IndexKey(number))
	}
	return keys
}

// appendKey appends a key, unless it is empty or there already.
func appendKey(keys []string, key string) []string {
	if key == "" || slices.Contains(keys, key) {
		return keys
	}
	return append(keys, key)
}

// newClientIndex indexes clients, which are sorted by service id.
func newClientIndex(clients []*Client, keysOf indexKeys, pace *workPace) clientIndex {
	x := clientIndex{keysOf, make([][]indexEntry, len(clients)/bucketSize+1)}
	x.allot(clients, pace)
	var keys []string
	for _, client := range clients {
		pace.step()
		keys = keysOf(keys[:0], client)
		for _, key := range keys {
			bucket := &x.buckets[x.bucket(key)]
			if at := entryAt(*bucket, key); at >= 0 {
				(*bucket)[at].clients = append((*bucket)[at].clients, client)
				continue
			}
			// Not a part of one list for all, which would keep clients that were replaced.
			*bucket = append(*bucket, indexEntry{key, []*Client{client}})
		}
	}
	return x
}

// allot gives each bucket the capacity that it needs. One piece of memory for all buckets would stay
// as long as one of them is not replaced.
func (x clientIndex) allot(clients []*Client, pace *workPace) {
	var keys []string
	counts := make([]int32, len(x.buckets))
	for _, client := range clients {
		pace.step()
		keys = x.keysOf(keys[:0], client)
		for _, key := range keys {
			counts[x.bucket(key)]++
		}
	}
	for i, count := range counts {
		x.buckets[i] = make([]indexEntry, 0, count)
	}
}

func (x clientIndex) bucket(key string) int {
	return int(maphash.String(indexSeed, key) % uint64(len(x.buckets)))
}

// entryAt returns the position of a key in a bucket, -1 if it is not there.
func entryAt(bucket []indexEntry, key string) int {
	return slices.IndexFunc(bucket, func(entry indexEntry) bool { return entry.key == key })
}

// get returns the clients with the key, by service id. The slice must not be changed.
func (x clientIndex) get(key string) []*Client {
	bucket := x.buckets[x.bucket(key)]
	if at := entryAt(bucket, key); at >= 0 {
		return bucket[at].clients
	}
	return nil
}

// replace returns the index after changes.
func (x clientIndex) replace(changed []change) clientIndex {
	x.buckets = slices.Clone(x.buckets)
	copied := map[int]bool{}
	bucketOf := func(key string) *[]indexEntry {
		i := x.bucket(key)
		if !copied[i] {
			copied[i] = true
			x.buckets[i] = slices.Clone(x.buckets[i])
		}
		return &x.buckets[i]
	}
	for _, c := range changed {
		if c.was != nil {
			for _, key := range x.keysOf(nil, c.was) {
				removeEntry(bucketOf(key), key, c.was)
			}
		}
		for _, key := range x.keysOf(nil, c.now) {
			addEntry(bucketOf(key), key, c.now)
		}
	}
	return x
}

// removeEntry removes a client from a key of a bucket, which the caller has copied.
func removeEntry(bucket *[]indexEntry, key string, client *Client) {
	at := entryAt(*bucket, key)
	entry := &(*bucket)[at]
	entry.clients = slices.DeleteFunc(slices.Clone(entry.clients), func(c *Client) bool { return c == client })
	if len(entry.clients) == 0 {
		*bucket = slices.Delete(*bucket, at, at+1)
	}
}

// addEntry adds a client to a key of a bucket, which the caller has copied.
func addEntry(bucket *[]indexEntry, key string, client *Client) {
	at := entryAt(*bucket, key)
	if at < 0 {
		*bucket = append(*bucket, indexEntry{key, []*Client{client}})
		return
	}
	with := (*bucket)[at].clients
	i, _ := slices.BinarySearchFunc(with, client, compareIDs)
	(*bucket)[at].clients = slices.Insert(slices.Clone(with), i, client)
}

// serviceIDs are the ids of a directory's clients, ascending.
type serviceIDs []int

func serviceIDsOf(clients []*Client) serviceIDs {
	ids := make(serviceIDs, len(clients))
	for i, client := range clients {
		ids[i] = client.ServiceID
	}
	return ids
}

// position returns where the id is, or where it would be.
func (ids serviceIDs) position(id int) (position int, found bool) {
	return slices.BinarySearch(ids, id)
}

func compareIDs(a, b *Client) int { return cmp.Compare(a.ServiceID, b.ServiceID) }
