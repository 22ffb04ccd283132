package cache

import "time"

// BootTime is a time on the clock that counts from the start of the machine. No
// one sets that clock. The zero value is an unknown time.
type BootTime struct {
	Boot string        `json:"boot,omitzero"` // identifies the start of the machine
	Up   time.Duration `json:"up,omitzero"`   // since that start
}

// Before returns the time that was age earlier.
func (b BootTime) Before(age time.Duration) BootTime {
	if b.Boot == "" {
		return b
	}
	return BootTime{b.Boot, b.Up - age}
}

// Since returns how long ago an earlier time was. It returns false if that is
// unknown, for example because the machine was started again.
func (b BootTime) Since(earlier BootTime) (age time.Duration, known bool) {
	age = b.Up - earlier.Up
	return age, b.Boot != "" && b.Boot == earlier.Boot && age >= 0
}
