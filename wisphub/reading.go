package wisphub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
)

// Bounds of one reading of a whole list. A real row of clients has 1.5 to 3 kB, of which half is kept.
const (
	// DefaultMaxBytes is what the rows of one reading may take in memory: 90,000 clients.
	DefaultMaxBytes = 128 << 20
	// maxReadingBytes is how many bytes one reading may transfer.
	maxReadingBytes = 256 << 20
	// maxReadingRows is how many rows one reading may bring.
	maxReadingRows = 500_000
	// maxPageRows bounds the rows of one answer. WispHub sends 300 at most, and some catalogues whole.
	maxPageRows = 5000
	// rowAllowance is how many bytes a row may have on average.
	rowAllowance = 16 << 10
	// maxElements bounds a list within a row, such as the answers to a ticket.
	maxElements = 2000
)

var (
	errReadingTooLarge = errors.New("the list is too large")
	errTooManyRows     = fmt.Errorf("more than %d rows in one answer", maxPageRows)
)

// reading adds up what one pass over a list brings. An upstream that is broken or hostile could
// otherwise fill the memory. It is safe for concurrent use.
type reading struct {
	maxHeld int

	mu       sync.Mutex
	sent     int            // bytes transferred; guarded by mu
	allowed  int            // of them; guarded by mu
	held     int            // guarded by mu
	rows     int            // guarded by mu
	exceeded error          // which bound is; guarded by mu
	overlong map[string]int // texts that were left out; guarded by mu
	path     string         // guarded by mu
	logger   *slog.Logger   // guarded by mu
}

type readingKey struct{}

func newReading(maxHeld int) *reading {
	return &reading{maxHeld: maxHeld, allowed: maxAnswerBytes, overlong: map[string]int{}}
}

// readingFrom returns the reading that a call belongs to. A single call is a reading of its own.
func readingFrom(ctx context.Context) (r *reading, single bool) {
	if r, ok := ctx.Value(readingKey{}).(*reading); ok {
		return r, false
	}
	return newReading(DefaultMaxBytes), true
}

// announce says how many rows the list has, by its first page.
func (r *reading) announce(count int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.allowed = max(r.allowed, min(maxAnswerBytes+count*rowAllowance, maxReadingBytes))
}

// add adds an answer, and returns an error once the reading is too large.
func (r *reading) add(c *call, logger *slog.Logger, sent, rows int, answer *cleaner) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent, r.rows, r.held = r.sent+sent, r.rows+rows, r.held+answer.bytes
	r.path, r.logger = c.pattern, logger
	for key, n := range answer.overlong {
		r.overlong[key] += n
	}
	if r.exceeded == nil && (r.sent > r.allowed || r.rows > maxReadingRows || r.held > r.maxHeld) {
		r.exceeded = fmt.Errorf("%w: %d rows of %d bytes, %d of them to keep", errReadingTooLarge, r.rows, r.sent, r.held)
	}
	return r.failure()
}

// err returns an error once the reading is too large.
func (r *reading) err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failure()
}

// failure returns a new error each time, because a call changes the text of its own. The caller must
// hold mu.
func (r *reading) failure() error {
	if r.exceeded == nil {
		return nil
	}
	return namedCall(http.MethodGet, r.path).invalidList(r.exceeded)
}

// report logs once what was left out of the reading.
func (r *reading) report() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.overlong) > 0 {
		r.logger.Warn("WispHub sent texts beyond the length of their field; left them out", "path", r.path, "fields", r.overlong)
	}
	r.overlong = map[string]int{}
}

// isTooLarge reports whether err ends a reading: more of the list would be no better.
func isTooLarge(err error) bool { return errors.Is(err, errReadingTooLarge) }

// countElements returns how many elements lie at a depth of a JSON value whose syntax is good: 1 for
// those of a list, 2 for those of the lists in an object. It is cheap: decoding may take a thousand
// times the memory of the text.
func countElements(data []byte, at int) int {
	depth, count, empty := 0, 0, true
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = endOfText(data, i)
			empty = false
		case '[', '{':
			depth++
			empty = true
		case ']', '}':
			if depth == at && !empty {
				count++
			}
			depth--
			empty = false
		case ',':
			if depth == at {
				count++
			}
		case ' ', '\t', '\r', '\n':
		default:
			empty = false
		}
	}
	return count
}

// endOfText returns where the text that begins at start ends.
func endOfText(data []byte, start int) int {
	for i := start + 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(data)
}
