package isp

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"hash/fnv"
)

// maxCursor limits the length of a cursor. The longest cursor holds a collation key, which is
// encoded in base64 twice.
const maxCursor = 1024

var errCursor = errors.New("not a valid cursor for this list")

// cursor is a position in a sorted list: the sort key and the id of the record there. It stays
// valid when the list is refreshed and when the record is gone. It is invalid for another order,
// filter or search.
type cursor struct {
	// List is the [listHash] of the query.
	List uint64 `json:"l"`
	ID   int    `json:"i"`
	// Key is the encoded sort key, nil for a client without a value.
	Key []byte `json:"k,omitempty"`
	// Null is true for a client without a value to sort by.
	Null bool `json:"n,omitempty"`
}

func (c cursor) String() string {
	encoded, err := json.Marshal(c)
	if err != nil {
		panic(err) // numbers and bytes always marshal
	}
	return base64.RawURLEncoding.EncodeToString(encoded)
}

// parseCursor decodes a cursor. The caller must compare its List.
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

// listHash returns a hash of what defines a list: its order, filter and search.
func listHash(query ...any) uint64 {
	encoded, err := json.Marshal(query)
	if err != nil {
		panic(err) // plain data always marshals
	}
	hash := fnv.New64a()
	hash.Write(encoded)
	return hash.Sum64()
}

// cursorOf returns the cursor of a client in the list with the hash.
func (k sortKey) cursorOf(client *Client, list uint64) cursor {
	if !k.has(client) {
		return cursor{List: list, ID: client.ServiceID, Null: true}
	}
	return cursor{List: list, ID: client.ServiceID, Key: []byte(k.encode(client))}
}

// position returns a blank client at the position of the cursor. It fails for the cursor of
// another list.
func (k sortKey) position(text string, list uint64) (*Client, error) {
	c, err := parseCursor(text)
	if err != nil || c.List != list {
		return nil, errCursor
	}
	position := &Client{ServiceID: c.ID}
	if c.Null {
		return position, nil
	}
	if err := k.decode(position, string(c.Key)); err != nil || !k.has(position) {
		return nil, errCursor
	}
	return position, nil
}
