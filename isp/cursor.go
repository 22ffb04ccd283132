package isp

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// maxCursor limits the length of a cursor. The longest cursor holds a collation key.
const maxCursor = 1024

// cursorVersion is the first byte of a cursor. Cursors of the versions before 1 are JSON, which begins
// with another byte.
const cursorVersion = 1

var errCursor = errors.New("not a valid cursor for this list")

// cursor is a position in a sorted list: the sort key and the id of the record there. It stays
// valid when the list is refreshed and when the record is gone. It is invalid for another order,
// filter or search.
type cursor struct {
	// List is the hash of the query, see [listHash].
	List uint64
	ID   int
	// Key is the encoded sort key, empty for a record without a value.
	Key []byte
	// Null is true for a record without a value to sort by.
	Null bool
}

// String returns the version, the list, whether there is a value, the id and the key, in base64.
func (c cursor) String() string {
	var short [96]byte
	binaryForm := append(short[:0], cursorVersion)
	binaryForm = binary.BigEndian.AppendUint64(binaryForm, c.List)
	if c.Null {
		binaryForm = append(binaryForm, 1)
	} else {
		binaryForm = append(binaryForm, 0)
	}
	binaryForm = binary.AppendVarint(binaryForm, int64(c.ID))
	return encodeCursor(append(binaryForm, c.Key...))
}

func encodeCursor(binaryForm []byte) string {
	var short [128]byte
	return string(base64.RawURLEncoding.AppendEncode(short[:0], binaryForm))
}

// parseCursor decodes a cursor. The caller must compare its List.
func parseCursor(text string) (cursor, error) {
	const head = 1 + 8 + 1
	if len(text) > maxCursor {
		return cursor{}, errCursor
	}
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(decoded) < head || decoded[0] != cursorVersion || decoded[head-1] > 1 {
		return cursor{}, errCursor
	}
	id, size := binary.Varint(decoded[head:])
	if size <= 0 {
		return cursor{}, errCursor
	}
	return cursor{
		List: binary.BigEndian.Uint64(decoded[1:]), ID: int(id), Key: decoded[head+size:], Null: decoded[head-1] == 1,
	}, nil
}

// cursorOf returns the cursor of a client in the list with the hash.
func (k sortKey) cursorOf(client *Client, list uint64) string {
	if !k.has(client) {
		return cursor{List: list, ID: client.ServiceID, Null: true}.String()
	}
	var short [64]byte
	return cursor{List: list, ID: client.ServiceID, Key: k.appendKey(short[:0], client)}.String()
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
