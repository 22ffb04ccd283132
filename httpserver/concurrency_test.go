package httpserver

import "testing"

func TestNewConcurrencyLimit(t *testing.T) {
	t.Parallel()
	acquire := NewConcurrencyLimit(2)
	release, ok := acquire()
	if _, second := acquire(); !ok || !second {
		t.Errorf("acquire = %v, %v, want two slots", ok, second)
	}
	if _, ok := acquire(); ok {
		t.Error("acquire = true for a third slot, want false")
	}
	release()
	release() // frees no other slot
	if _, ok := acquire(); !ok {
		t.Error("acquire = false after a release, want true")
	}
	if _, ok := acquire(); ok {
		t.Error("acquire = true after one slot was released twice, want false")
	}
}
