package launch

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
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
func (p *Process) PeakMemory() int64 { return p.statusMegabytes("VmHWM:") }

// Memory returns the resident memory in megabytes, 0 when it is unknown.
func (p *Process) Memory() int64 { return p.statusMegabytes("VmRSS:") }

func (p *Process) statusMegabytes(name string) int64 {
	file, err := os.Open(p.file("status"))
	if err != nil {
		return 0 // it has exited
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), name); ok {
			var kilobytes int64
			_, _ = fmt.Sscan(text, &kilobytes) // 0 when the kernel writes something else
			return kilobytes / 1024
		}
	}
	return 0
}

// clockTick is the unit of the times in /proc, which is the same on all platforms that Go supports.
const clockTick = 10 * time.Millisecond

// CPU returns the processor time of the running process, 0 when it is unknown. It grows in steps of
// ten milliseconds.
func (p *Process) CPU() time.Duration {
	text, err := os.ReadFile(p.file("stat"))
	if err != nil {
		return 0 // it has exited
	}
	return parseCPU(string(text))
}

// parseCPU returns the sum of the user and system time in a line of /proc/<pid>/stat. The name of the
// process may hold spaces and parentheses.
func parseCPU(stat string) time.Duration {
	fields := strings.Fields(stat[strings.LastIndex(stat, ")")+1:])
	if len(fields) < 13 {
		return 0
	}
	var user, system int64
	_, _ = fmt.Sscan(fields[11], &user) // 0 when the kernel writes something else
	_, _ = fmt.Sscan(fields[12], &system)
	return time.Duration(user+system) * clockTick
}

// file returns the path of one of the kernel's files about the process.
func (p *Process) file(name string) string {
	return fmt.Sprintf("/proc/%d/%s", p.command.Process.Pid, name)
}
