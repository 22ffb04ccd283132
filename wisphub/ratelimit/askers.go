package ratelimit

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	// maxAskers bounds the users that are remembered. The one that asked longest ago is forgotten.
	maxAskers = 10_000
	// notFoundMinute and notFoundHour are how many calls of one user may find nothing. Memory
	// answers most questions about what does not exist, and costs no call.
	notFoundMinute = 10
	notFoundHour   = 60
)

// askers are the users who asked lately. It is safe for concurrent use.
type askers struct {
	mu     sync.Mutex // guards what follows; no other lock is taken while holding it
	known  *simplelru.LRU[string, *asker]
	latest [2]askedAt // the two users who asked last
}

// asker is one user.
type asker struct {
	name     string // "" while only its calls are known
	asked    time.Time
	notFound []time.Time // at most notFoundHour, oldest first
}

type askedAt struct {
	tag string
	at  time.Time
}

func newAskers() *askers {
	known, err := simplelru.NewLRU[string, *asker](maxAskers, nil)
	if err != nil {
		panic(err) // only for a limit below 1
	}
	return &askers{known: known}
}

// get returns the user with a tag. a.mu must be held.
func (a *askers) get(tag string) *asker {
	user, ok := a.known.Get(tag)
	if !ok {
		user = &asker{}
		a.known.Add(tag, user)
	}
	return user
}

// add records that a user asks now.
func (a *askers) add(name string) {
	tag, now := tagOf(name), time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	user := a.get(tag)
	user.name, user.asked = name, now
	if a.latest[0].tag != tag {
		a.latest[1] = a.latest[0]
	}
	a.latest[0] = askedAt{tag, now}
}

// othersSince reports whether a user other than that of the tag has asked after a time.
func (a *askers) othersSince(tag string, since time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, other := range a.latest {
		if other.tag != "" && other.tag != tag && other.at.After(since) {
			return true
		}
	}
	return false
}

func (a *askers) addNotFound(tag string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	user := a.get(tag)
	user.notFound = append(user.notFound, time.Now())
	user.notFound = user.notFound[max(0, len(user.notFound)-notFoundHour):]
}

// notFoundUntil returns until when a user has to wait because of calls that found nothing; the zero
// time if it need not.
func (a *askers) notFoundUntil(tag string, now time.Time) (until time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	user, ok := a.known.Peek(tag)
	if !ok {
		return until
	}
	if at := len(user.notFound) - notFoundMinute; at >= 0 {
		until = user.notFound[at].Add(time.Minute)
	}
	if at := len(user.notFound) - notFoundHour; at >= 0 {
		until = latest(until, user.notFound[at].Add(time.Hour))
	}
	if until.After(now) {
		return until
	}
	return time.Time{}
}

// UserUsage is what one user has spent lately.
type UserUsage struct {
	// Name is empty for a user of whom this process knows only calls of other replicas, or calls
	// from before the start.
	Name string
	// LastMinute and LastHour are the user's calls, including those of other replicas.
	LastMinute, LastHour int
	// NotFoundLastHour are the calls of this process that found nothing, at most 60.
	NotFoundLastHour int
}

// usage returns the users who asked within the last hour, by tag.
func (a *askers) usage(now time.Time) map[string]*UserUsage {
	a.mu.Lock()
	defer a.mu.Unlock()
	users := make(map[string]*UserUsage)
	for _, tag := range a.known.Keys() {
		user, _ := a.known.Peek(tag)
		if now.Sub(user.asked) >= time.Hour {
			continue
		}
		usage := &UserUsage{Name: user.name}
		for _, at := range user.notFound {
			if now.Sub(at) < time.Hour {
				usage.NotFoundLastHour++
			}
		}
		users[tag] = usage
	}
	return users
}
