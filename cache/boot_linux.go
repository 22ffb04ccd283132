package cache

import (
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

const (
	bootIDFile    = "/proc/sys/kernel/random/boot_id"
	clockBoottime = 7 // see clock_gettime(2)
)

// ReadBootTime returns the present time on the clock that counts from the start
// of the machine, or the unknown time on systems that have none.
func ReadBootTime() BootTime {
	id, err := os.ReadFile(bootIDFile)
	if err != nil {
		return BootTime{}
	}
	var up syscall.Timespec
	_, _, failed := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockBoottime, uintptr(unsafe.Pointer(&up)), 0)
	if failed != 0 {
		return BootTime{}
	}
	return BootTime{strings.TrimSpace(string(id)), time.Duration(up.Nano())}
}
