package main

import "syscall"

// receiveBytes is the receive buffer of a slow reader. It must be small, or else the kernel takes
// whole answers, and the facade has nothing to hold.
const receiveBytes = 4 << 10

// smallWindow is for the Control of a [net.Dialer]. After the connection is made, it would be too
// late.
func smallWindow(_, _ string, conn syscall.RawConn) error {
	var failed error
	err := conn.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, receiveBytes)
	})
	if err != nil {
		return err
	}
	return failed
}

// lowerPriority leaves the processor to other processes.
func lowerPriority() { _ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19) }
