//go:build !linux

package cache

// ReadBootTime returns the unknown time.
func ReadBootTime() BootTime { return BootTime{} }
