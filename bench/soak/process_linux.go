package main

import (
	"os"
	"os/exec"
	"syscall"
)

// tieToParent lets the child die with this process, however that ends, and keeps the terminal's Ctrl-C from it: the
// report comes first.
func tieToParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// peakMemory returns the most megabytes that the process held, 0 when unknown.
func peakMemory(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss / 1024
}
