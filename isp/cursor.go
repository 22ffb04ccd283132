package isp

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"hash/fnv"
)

// maxCursor bounds what is decoded: the longest key is a collation key in base64, twice.
const maxCursor = 1024

var errCursor = errors.New("is no cursor of this list; start again without one")

// cursor names a place in an order: the key and service id of the client that stood there. It survives a refresh, and
// the client's leaving, and is worth nothing under another order or filter.
type cursor struct {
	// List tells lists apart: a hash of what was asked for.
	List uint64 `json:"l"`
	ID   int    `json:"i"`
	// Key is nil for a client without a value.
	Key []byte `json:"k,omitempty"`
	// Null is true for a client without a value in this order.
	Null bool `json:"n,omitempty"`
}

func (c cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // numbers and bytes always marshal
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func parseCursor(text string) (c cursor, err error) {
	if len(text) > maxCursor {
		return c, errCursor
	}
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(decoded, &c) != nil {
		return cursor{}, errCursor
	}
	return c, nil
}

// hashOf tells lists of different order, filter or search apart.
func hashOf(what ...any) uint64 {
	text, err := json.Marshal(what)
	if err != nil {
		panic(err) // plain data always marshals
	}
	hash := fnv.New64a()
	hash.Write(text)
	return hash.Sum64()
}

// cursorOf names a client's place in the list.
func (k sortKey) cursorOf(client *Client, list uint64) cursor {
	if !k.has(client) {
		return cursor{List: list, ID: client.ServiceID, Null: true}
	}
	return cursor{List: list, ID: client.ServiceID, Key: []byte(k.encode(client))}
}

// place returns a client that stands where the cursor points.
func (k sortKey) place(text string, list uint64) (*Client, error) {
	c, err := parseCursor(text)
	if err != nil || c.List != list {
		return nil, errCursor
	}
	place := &Client{ServiceID: c.ID}
	if c.Null {
		return place, nil
	}
	if err := k.decode(place, string(c.Key)); err != nil || !k.has(place) {
		return nil, errCursor
	}
	return place, nil
}
