package launch

import (
	"testing"
	"time"
)

func Test16_8_ParseCPU(t *testing.T) {
	t.Parallel()
	const rest = " S 1 2 3 4 -1 4194304 100 0 5 0 150 25 7 9 20 0 8 0 12345 1000000 200"
	for stat, want := range map[string]time.Duration{
		"42 (name)" + rest:            1750 * time.Millisecond, // 150 and 25 ticks, without those of children
		"42 (a (name) of two)" + rest: 1750 * time.Millisecond,
		"42 (name) S 1":               0,
		"":                            0,
	} {
		if got := parseCPU(stat); got != want {
			t.Errorf("parseCPU(%q) = %v, want %v", stat, got, want)
		}
	}
}
