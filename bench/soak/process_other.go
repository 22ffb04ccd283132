//go:build !linux

package main

import (
	"os"
	"os/exec"
)

// tieToParent does nothing; only Linux can tie a child to its parent.
func tieToParent(*exec.Cmd) {}

// peakMemory returns 0, which means unknown.
func peakMemory(*os.ProcessState) int64 { return 0 }
