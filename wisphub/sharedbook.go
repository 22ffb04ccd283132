package wisphub

import (
	"context"
	"sync"
	"time"
)

// Book is where replicas enter their calls, so that together they stay within the limits. Its clock is its own: calls are
// told by their age. It is safe for concurrent use, and bounds the time that each method takes.
type Book interface {
	// Enter enters a call that is sent now, unless the last minute or hour would then hold more calls than the limits; in that
	// case wait, above 0, says when to ask again. Once the book was lost, and may have forgotten calls, it fails until Merge
	// has succeeded.
	Enter(ctx context.Context, id string, minute, hour int) (wait time.Duration, err error)
	// Leave takes back a call that was not sent.
	Leave(ctx context.Context, id string) error
	// Merge enters calls that the book may lack, and returns all that it has. Calls are ages by id.
	Merge(ctx context.Context, calls map[string]time.Duration) (map[string]time.Duration, error)
	// Pause has Enter refuse everything for so long.
	Pause(ctx context.Context, wait time.Duration) error
	// Subscribe has entered called with the id of each call that another replica enters, until stop is called.
	Subscribe(entered func(id string)) (stop func())
	// Replicas is how many share the book, or did when it was last seen; at least 1.
	Replicas() int
}

const (
	// mergePause is the time from one try to reach a lost book to the next, mergeEvery that between two comparisons with one
	// that is there: a message that was missed is missed no longer.
	mergePause = time.Second
	mergeEvery = 30 * time.Second
	// settling is how long a replica keeps to its fair share after the book is back, so that the others bring theirs too.
	settling = 5 * time.Second
)

// sharedBook is the book as this replica uses it. While the book is lost each replica keeps to its fair share: of what was
// left when it was last seen, every call counts for as many as there are replicas, because the others may do the same. A nil
// sharedBook is that of a replica which is alone by choice.
type sharedBook struct {
	Book
	lost chan struct{} // has room for one

	mu     sync.Mutex // guards what follows
	joined bool       // the book has what we know
	alone  bool       // keep to the fair share
	times  int        // how often alone began
	shares int        // the most replicas there were since
}

func newSharedBook(book Book) *sharedBook {
	return &sharedBook{Book: book, lost: make(chan struct{}, 1), alone: true, times: 1, shares: book.Replicas()}
}

// enter enters a call whose turn has come; a wait above 0 says that it may not be sent yet.
func (s *sharedBook) enter(ctx context.Context, b *budget, granted *slot) time.Duration {
	if s == nil || !s.isJoined() {
		return 0
	}
	minute, hour := b.limits.caps(granted.rank)
	wait, err := s.Enter(ctx, granted.id, minute, hour)
	if err == nil {
		return wait
	}
	if ctx.Err() == nil {
		s.lose()
	}
	return time.Nanosecond // once more, by the fair share or with the caller's context over
}

// leave takes a call out of the book. One that stays because the book was lost counts for nothing worse than a call sent.
func (s *sharedBook) leave(granted *slot) {
	if s != nil && s.isJoined() {
		_ = s.Leave(context.Background(), granted.id)
	}
}

// rest tells the other replicas of a pause.
func (s *sharedBook) rest(pause time.Duration) {
	if s != nil && s.isJoined() {
		_ = s.Pause(context.Background(), pause) // they will be told to pause themselves
	}
}

// weigher returns for how many calls each of the past counts, and one that is sent now.
func (s *sharedBook) weigher() (weigh weigher, each int) {
	if s == nil {
		return alike, 1
	}
	alone := s.aloneNow()
	if alone == 0 {
		return alike, 1
	}
	each = s.share()
	return func(call Call) int {
		if call.alone == alone {
			return each
		}
		return 1
	}, each
}

// share returns among how many the budget is divided. Until all have settled it does not fall: who is the first to reach a
// store that has just started finds nobody else there.
func (s *sharedBook) share() int {
	replicas := s.Replicas()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shares = max(s.shares, replicas)
	return s.shares
}

// aloneNow returns which time without the book this is, from 1; 0 while the book is there.
func (s *sharedBook) aloneNow() int {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.alone {
		return 0
	}
	return s.times
}

func alike(Call) int { return 1 }

func (s *sharedBook) isJoined() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.joined
}

func (s *sharedBook) lose() {
	s.mu.Lock()
	s.joined = false
	if !s.alone {
		s.alone, s.shares = true, 0
		s.times++
	}
	s.mu.Unlock()
	select {
	case s.lost <- struct{}{}:
	default:
	}
}

// follow keeps the budget and the book alike until ctx ends.
func (s *sharedBook) follow(ctx context.Context, b *budget) {
	stop := s.Subscribe(func(id string) { b.remember([]Call{{ID: id, At: time.Now()}}) })
	defer stop()
	for ctx.Err() == nil {
		if !s.merge(ctx, b) {
			sleep(ctx, mergePause, nil)
			continue
		}
		if early := sleep(ctx, settling, s.lost); early || !s.merge(ctx, b) {
			continue
		}
		s.settle()
		sleep(ctx, mergeEvery, s.lost)
	}
}

// merge reports whether the book now has what we know, and we what it has.
func (s *sharedBook) merge(ctx context.Context, b *budget) bool {
	ages := map[string]time.Duration{}
	for _, call := range b.spent() {
		ages[call.ID] = max(time.Since(call.At), 0)
	}
	known, err := s.Merge(ctx, ages)
	if err != nil {
		s.lose()
		return false
	}
	now := time.Now()
	others := make([]Call, 0, len(known))
	for id, age := range known {
		others = append(others, Call{ID: id, At: now.Add(-age)})
	}
	b.remember(others)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.joined = true
	return true
}

// settle ends the time of the fair share, unless the book was lost again.
func (s *sharedBook) settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alone = s.alone && !s.joined
}

// sleep waits, and no longer than ctx lasts. It reports whether early cut it short.
func sleep(ctx context.Context, wait time.Duration, early <-chan struct{}) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-early:
		return true
	}
	return false
}
