//go:build !linux

package main

import "syscall"

// smallWindow does nothing; the way differs between systems.
func smallWindow(_, _ string, _ syscall.RawConn) error { return nil }

// lowerPriority does nothing; the way differs between systems.
func lowerPriority() {}
