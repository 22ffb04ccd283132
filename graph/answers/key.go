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
	text := make([]byte, 1, 1<<10) // on the stack, for most bodies
	text = binary.AppendUvarint(text, uint64(len(parts)))
	for _, part := range parts {
		text = binary.AppendUvarint(text, uint64(len(part)))
		text = append(text, part...)
	}
	if len(text)+len(body) <= cap(text) {
		text = append(text, body...)
	} else {
		sum := sha256.Sum256(body)
		text = append(text, sum[:]...)
		text[0] = 1 // a body that looks like this sum has another key
	}
	sum := sha256.Sum256(text)
	return Key(sum[:len(Key{})])
}
