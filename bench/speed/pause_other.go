//go:build !linux

package main

import "time"

// pauseUntil waits until an instant.
func pauseUntil(at time.Time) { time.Sleep(time.Until(at)) }
