//go:build !linux

package launch

import (
	"os"
	"os/exec"
	"time"
)

// tieToParent does nothing; only Linux can tie a child to its parent.
func tieToParent(*exec.Cmd) {}

// peakMemory returns 0, which means unknown.
func peakMemory(*os.ProcessState) int64 { return 0 }

// ResetPeakMemory does nothing; only Linux can reset the peak.
func (p *Process) ResetPeakMemory() error { return nil }

// PeakMemory returns 0, which means unknown.
func (p *Process) PeakMemory() int64 { return 0 }

// Memory returns 0, which means unknown.
func (p *Process) Memory() int64 { return 0 }

// CPU returns 0, which means unknown.
func (p *Process) CPU() time.Duration { return 0 }
