package main

import (
	"os"
	"os/exec"
	"syscall"
)

// tieToParent makes the child die with this process. The child gets its own process group, so that
// Ctrl-C in a terminal does not stop it before the report.
func tieToParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// peakMemory returns the peak resident memory in megabytes, 0 when it is unknown.
func peakMemory(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return usage.Maxrss / 1024
}
