package cache

import (
	"context"
	"testing"
	"time"
)

func noLoad(context.Context, string) (int, error) { panic("no load") }

// TestNewest checks which of two values stays when a load ends.
func TestNewest(t *testing.T) {
	t.Parallel()
	c := New(Options{TTL: time.Minute, StaleLimit: time.Hour, LoadTimeout: time.Second}, noLoad)
	defer c.Close()
	now := time.Now()
	value := func(age time.Duration) *record[int] { return c.newRecord(1, now.Add(-age)) }
	restored := value(time.Second).staleSince(time.Time{})
	tests := map[string]struct {
		old, loaded *record[int]
		loadedStays bool
	}{
		"older than memory":    {value(time.Second), value(time.Minute), false},
		"newer than memory":    {value(time.Minute), value(time.Second), true},
		"memory is restored":   {restored, value(time.Minute), true},
		"a failure":            {value(time.Second), &record[int]{err: errNoReturn}, true},
		"not found":            {value(time.Minute), &record[int]{err: errNoReturn, asOf: now}, true},
		"memory has a failure": {&record[int]{err: errNoReturn, deadAt: now.Add(time.Hour)}, value(time.Minute), true},
		"not found, older":     {value(time.Second), &record[int]{err: errNoReturn, asOf: now.Add(-time.Minute)}, false},
	}
	for name, tt := range tests {
		c.mu.Lock()
		c.records.Add("key", tt.old)
		if got := c.newest("key", tt.loaded); (got == tt.loaded) != tt.loadedStays {
			t.Errorf("%s: newest = %+v, want the loaded %+v: %t", name, got, tt.loaded, tt.loadedStays)
		}
		c.mu.Unlock()
	}
}

func TestMinAsOf(t *testing.T) {
	t.Parallel()
	c := New(Options{TTL: time.Minute, StaleLimit: time.Hour, LoadTimeout: time.Second}, noLoad)
	defer c.Close()
	asOf := time.Now().Add(-time.Second)
	value := c.newRecord(1, asOf)
	tests := map[string]struct {
		rec  *record[int]
		want time.Time
	}{
		"a value":          {value, asOf.Add(1)},
		"a restored value": {value.staleSince(time.Time{}), asOf},
		"not found":        {&record[int]{err: errNoReturn, asOf: asOf}, asOf.Add(1)},
		"a failure":        {&record[int]{err: errNoReturn}, time.Time{}},
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if got := c.minAsOf("key"); !got.IsZero() {
		t.Errorf("minAsOf of nothing = %v", got)
	}
	for name, tt := range tests {
		c.records.Add("key", tt.rec)
		if got := c.minAsOf("key"); !got.Equal(tt.want) {
			t.Errorf("%s: minAsOf = %v, want %v", name, got, tt.want)
		}
	}
}
