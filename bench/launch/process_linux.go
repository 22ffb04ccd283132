package launch

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
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

// ResetPeakMemory makes [Process.PeakMemory] start again from the current memory.
func (p *Process) ResetPeakMemory() error {
	return os.WriteFile(p.file("clear_refs"), []byte("5"), 0)
}

// PeakMemory returns the peak resident memory in megabytes, 0 when it is unknown.
func (p *Process) PeakMemory() int64 {
	file, err := os.Open(p.file("status"))
	if err != nil {
		return 0 // it has exited
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			var kilobytes int64
			_, _ = fmt.Sscan(text, &kilobytes) // 0 when the kernel writes something else
			return kilobytes / 1024
		}
	}
	return 0
}

// file returns the path of one of the kernel's files about the process.
func (p *Process) file(name string) string {
	return fmt.Sprintf("/proc/%d/%s", p.command.Process.Pid, name)
}
