package answers

import (
	"crypto/sha256"
	"encoding/binary"
)

// Key stands for a question. It is the first half of a SHA-256 sum. Callers choose bodies, so that a
// hash must not let them find two questions with one key; and a hash keeps no password in memory.
type Key [16]byte

// KeyOf returns the key of a body, and of all else that the answer depends on. No parts joined
// differently have the same key.
func KeyOf(body []byte, parts ...string) Key {
	sum := sha256.Sum256(body)
	text := make([]byte, 0, 128) // on the stack
	text = append(text, sum[:]...)
	for _, part := range parts {
		text = binary.AppendUvarint(text, uint64(len(part)))
		text = append(text, part...)
	}
	sum = sha256.Sum256(text)
	return Key(sum[:len(Key{})])
}
