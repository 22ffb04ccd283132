package answers

import (
	"encoding/binary"
	"time"
)

// sightings remembers which questions were answered lately, so that a question that is never repeated
// costs no memory. A later question may take the place of another: that costs one more execution.
type sightings struct {
	slots [1 << 11]sighting // 64 kB
}

type sighting struct {
	key   Key
	at    time.Time // long ago for a free slot
	large bool      // the answer was larger than may be kept
}

func (s *sightings) slot(key Key) *sighting {
	return &s.slots[binary.LittleEndian.Uint16(key[:])%uint16(len(s.slots))]
}

// note notes a question. It reports whether the question was noted less than MaxAge ago: before that,
// sharing would have been of no use.
func (s *sightings) note(key Key, now time.Time) (again bool) {
	slot := s.slot(key)
	again = slot.key == key && now.Sub(slot.at) < MaxAge
	*slot = sighting{key: key, at: now}
	return again
}

// noteLarge notes that the answer is larger than may be kept.
func (s *sightings) noteLarge(key Key, now time.Time) {
	*s.slot(key) = sighting{key: key, at: now, large: true}
}

// isLarge reports whether the last answer was larger than may be kept.
func (s *sightings) isLarge(key Key) bool {
	slot := s.slot(key)
	return slot.key == key && slot.large
}
