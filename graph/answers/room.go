package answers

import (
	"container/list"
	"slices"
	"time"
)

// user is one user's part of the store.
type user[V comparable] struct {
	name    string
	answers list.List // of *Answer, the oldest first: those made for the user
	bytes   int64     // of these answers
	pinned  int64     // of the answers that the user's callers read, each counted once
}

// pin says that callers of a user read an answer.
type pin[V comparable] struct {
	user    *user[V]
	readers int
}

// user requires mu. A user without answers and pins must be forgotten.
func (s *Store[V]) user(name string) *user[V] {
	u := s.users[name]
	if u == nil {
		u = &user[V]{name: name}
		s.users[name] = u
	}
	return u
}

// forget requires mu.
func (s *Store[V]) forget(u *user[V]) {
	if u.answers.Len() == 0 && u.pinned == 0 {
		delete(s.users, u.name)
	}
}

// pin requires mu. It notes that a caller of the user reads the answer, and reports whether it may.
// Slow readers keep others from using the room, so that a user may hold as much as it leaves free,
// like the limits of package inflight. What any number of its callers hold counts once.
func (s *Store[V]) pin(answer *Answer[V], username string) bool {
	for i := range answer.pins {
		if p := &answer.pins[i]; p.user.name == username {
			p.readers++
			return true
		}
	}
	all, u := s.pinned, s.user(username)
	if len(answer.pins) == 0 {
		all += answer.size
	}
	if held := u.pinned + answer.size; u.pinned > 0 && held > s.max-all {
		return false
	}
	u.pinned += answer.size
	s.pinned = all
	answer.pins = append(answer.pins, pin[V]{u, 1})
	return true
}

// unpin requires mu. The last reader of an answer that was removed frees its bytes.
func (s *Store[V]) unpin(answer *Answer[V], username string) {
	at := slices.IndexFunc(answer.pins, func(p pin[V]) bool { return p.user.name == username })
	p := &answer.pins[at]
	if p.readers--; p.readers > 0 {
		return
	}
	u := p.user
	answer.pins = slices.Delete(answer.pins, at, at+1)
	u.pinned -= answer.size
	s.forget(u)
	if len(answer.pins) > 0 {
		return
	}
	s.pinned -= answer.size
	if answer.place == nil {
		s.bytes -= answer.size
	}
}

// remove requires mu. It serves the answer no more. What a caller still reads counts as before.
func (s *Store[V]) remove(answer *Answer[V]) {
	delete(s.entries, answer.key)
	owner := s.users[answer.owner]
	owner.answers.Remove(answer.place)
	owner.bytes -= answer.size
	answer.place = nil
	s.forget(owner)
	if len(answer.pins) == 0 {
		s.bytes -= answer.size
	}
	if answer.hits > 0 {
		s.seen.note(answer.key, time.Now()) // it was of use: keep the next one at once
	}
}

// makeRoom requires mu. It removes answers until so many bytes fit, and reports whether they do. Each
// user loses its oldest first, and the user with the most loses first. What a caller reads stays.
func (s *Store[V]) makeRoom(owner string, bytes int64) bool {
	if s.bytes+bytes > s.max {
		s.removeOld()
	}
	for own := s.users[owner]; own != nil && own.bytes+bytes > s.max/userPart; {
		oldest := own.oldestUnread()
		if oldest == nil {
			return false
		}
		s.remove(oldest)
	}
	for s.bytes+bytes > s.max {
		oldest := s.leastDeserved()
		if oldest == nil {
			return false
		}
		s.remove(oldest)
	}
	return true
}

// leastDeserved requires mu. It returns the oldest answer, which no caller reads, of the user whose
// answers take most, or nil if callers read all.
func (s *Store[V]) leastDeserved() (oldest *Answer[V]) {
	most := int64(-1)
	for _, u := range s.users {
		if u.bytes <= most {
			continue
		}
		if answer := u.oldestUnread(); answer != nil {
			most, oldest = u.bytes, answer
		}
	}
	return oldest
}

// oldestUnread requires store.mu. It returns nil if callers read all answers of the user.
func (u *user[V]) oldestUnread() *Answer[V] {
	for at := u.answers.Front(); at != nil; at = at.Next() {
		if answer := at.Value.(*Answer[V]); len(answer.pins) == 0 {
			return answer
		}
	}
	return nil
}

// removeOld requires mu. It removes what is older than MaxAge.
func (s *Store[V]) removeOld() {
	for _, answer := range s.entries {
		if time.Since(answer.born) >= MaxAge {
			s.remove(answer)
		}
	}
}
