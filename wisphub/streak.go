package wisphub

// maxShare is how many failures of one user, or of one record, count in a row. Half of what opens a
// circuit: the others must show it, too.
const maxShare = openAfter / 2

// maxCauses bounds the users and the records that a streak tells apart.
const maxCauses = 2 * openAfter

// manyResources is how many resources must fail for one user alone to be believed. An installation
// may have only one user, who sees a real outage.
const manyResources = 3

// streak is the failures since the last success, by what may have caused them. The zero value is none.
type streak struct {
	calls, shared, whole int // all; those of no single user; those of no single record
	users                map[string]int
	subjects             map[string]int
	resources            map[string]bool
}

func (s *streak) add(c *call) {
	if s.resources == nil {
		s.users, s.subjects, s.resources = map[string]int{}, map[string]int{}, map[string]bool{}
	}
	s.calls++
	s.resources[c.resource()] = true
	count(s.users, c.user, &s.shared)
	subject := c.subject()
	if subject != "" {
		subject = c.resource() + "/" + subject
	}
	count(s.subjects, subject, &s.whole)
}

// count counts a failure for its cause. An unknown cause, and one beyond the bound, is no single one.
func count(causes map[string]int, cause string, unknown *int) {
	if _, known := causes[cause]; cause == "" || !known && len(causes) == maxCauses {
		*unknown++
		return
	}
	causes[cause]++
}

// evidence returns how many of the failures in a row count if one user, and one record, count at most
// so many times. The facade's own calls, and lists without a filter, count in full.
func (s *streak) evidence(most int) int {
	byUser, bySubject := s.shared, s.whole
	for _, n := range s.users {
		byUser += min(n, most)
	}
	for _, n := range s.subjects {
		bySubject += min(n, most)
	}
	if len(s.resources) >= manyResources {
		byUser = s.calls
	}
	return min(byUser, bySubject)
}

// cause is one user, or one record, that may make a route fail for itself only.
type cause struct{ route, user, subject string }

// causes returns what may make the call fail beside WispHub.
func (c *call) causes() []cause {
	var causes []cause
	if c.user != "" {
		causes = append(causes, cause{route: c.route(), user: c.user})
	}
	if subject := c.subject(); subject != "" {
		causes = append(causes, cause{route: c.route(), subject: subject})
	}
	return causes
}
