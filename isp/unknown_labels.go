package isp

import (
	"log/slog"
	"strings"
	"sync"
)

// maxLabel limits a label, in runes: WispHub's labels are free text.
const maxLabel = 40

// unknownLabels counts the labels that we do not know, in all lists. It is safe for concurrent use.
type unknownLabels struct {
	logger *slog.Logger
	mu     sync.Mutex
	counts map[string]map[string]int // by field, then label in lower case; guarded by mu
}

func newUnknownLabels(logger *slog.Logger) *unknownLabels {
	return &unknownLabels{logger: logger, counts: map[string]map[string]int{}}
}

// note counts a label and logs it the first time. The field is WispHub's, such as tickets.estado. It
// ignores empty labels, and labels of a field that has [maxReported] others.
func (u *unknownLabels) note(field, label string) {
	if label == "" {
		return
	}
	if runes := []rune(label); len(runes) > maxLabel {
		label = string(runes[:maxLabel]) + "…"
	}
	key := strings.ToLower(label)
	u.mu.Lock()
	defer u.mu.Unlock()
	counts := u.counts[field]
	if counts == nil {
		counts = map[string]int{}
		u.counts[field] = counts
	}
	if counts[key] > 0 || len(counts) < maxReported {
		counts[key]++
	}
	if counts[key] == 1 {
		u.logger.Warn("unknown label", "field", field, "label", label)
	}
}
