package graph_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
)

// sharedTotals are the sums of all sequences of a process.
type sharedTotals struct{ sequences, hits, misses uint64 }

// add fails the test if too few answers were shared.
func (s *sharedTotals) add(t *testing.T, q *sequence) {
	stats := q.shared.Answers()
	s.sequences, s.hits, s.misses = s.sequences+1, s.hits+stats.Hits, s.misses+stats.Misses
	if s.sequences > 10 && s.hits < s.misses/4 {
		t.Errorf("%d answers were shared, and %d made, want a quarter", s.hits, s.misses)
	}
}

// runSequence runs the steps on a server with the direct writer, or on one whose operations take time.
func runSequence(t *testing.T, steps []byte, slow bool, totals *sharedTotals) {
	synctest.Test(t, func(t *testing.T) {
		q := newSequence(t, slow)
		q.run(steps)
		totals.add(t, q)
		if t.Failed() {
			t.Logf("steps %v, slow %t", steps, slow)
		}
	})
}

// stepsOf returns the random steps of a seed.
func stepsOf(seed uint64) []byte {
	random := rand.New(rand.NewPCG(seed, 2))
	steps := make([]byte, 2*(10+random.IntN(60)))
	for i := range steps {
		steps[i] = byte(random.Uint32())
	}
	return steps
}

// FuzzSharedAnswers runs random sequences of writes, refreshes, changes at WispHub, steps of the clock
// and questions. A server with shared answers never says what one without would not. Its argument is a
// number, because the engine of Go tries for a minute to shorten each new argument that is a text.
func FuzzSharedAnswers(f *testing.F) {
	for seed := range uint64(6) {
		f.Add(seed)
	}
	totals := &sharedTotals{}
	f.Fuzz(func(t *testing.T, seed uint64) { runSequence(t, stepsOf(seed), seed%2 == 1, totals) })
}

// Test16_2_Sequences runs what sequences by chance seldom have.
func Test16_2_Sequences(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][]byte{
		"a client's write":   {11, 0, 11, 0, 2, 0, 11, 0, 0, 3, 11, 0},
		"suspended":          {11, 3, 3, 1, 11, 3, 11, 3, 3, 0, 11, 3, 6, 0, 4, 0, 11, 3},
		"a ticket's write":   {11, 6, 11, 6, 5, 0, 11, 6, 5, 1, 11, 6, 5, 2, 11, 6, 6, 2, 4, 2, 11, 6, 0, 5, 11, 6},
		"a client appears":   {11, 4, 6, 1, 11, 4, 0, 4, 11, 4, 11, 4, 0, 5, 11, 4},
		"midnight":           {11, 6, 0, 7, 11, 6, 0, 1, 11, 6, 0, 1, 11, 6},
		"sessions":           {11, 17, 8, 0, 11, 17, 8, 1, 11, 17, 8, 2, 11, 17, 8, 3, 11, 17, 8, 4, 11, 17},
		"callers together":   {9, 0, 9, 1, 9, 6, 9, 1, 0, 2, 9, 1},
		"callers at a write": {10, 0, 10, 1, 10, 2, 10, 1, 10, 13},
		"WispHub fails":      {11, 0, 6, 5, 0, 5, 11, 0, 11, 6, 0, 6, 11, 1, 6, 6, 0, 5, 11, 0, 11, 6},
	} {
		for slow, of := range map[bool]string{false: "", true: ", slow"} {
			t.Run(name+of, func(t *testing.T) { runSequence(t, steps, slow, &sharedTotals{}) })
		}
	}
}
