package httpserver

import (
	"net"
	"syscall"
	"time"
)

// settleTime is how long handshakes that have begun may take to end, and be accepted.
const settleTime = 50 * time.Millisecond

// dropSYN is a packet filter. It sees TCP headers: byte 13 has the flags, of which it compares SYN
// and ACK. It drops a SYN, so that the caller sends it again in a second, and lets all else pass.
var dropSYN = []syscall.SockFilter{
	{Code: syscall.BPF_LD | syscall.BPF_B | syscall.BPF_ABS, K: 13},
	{Code: syscall.BPF_ALU | syscall.BPF_AND | syscall.BPF_K, K: 0x12},
	{Code: syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K, K: 0x02, Jt: 0, Jf: 1},
	{Code: syscall.BPF_RET | syscall.BPF_K, K: 0},
	{Code: syscall.BPF_RET | syscall.BPF_K, K: 0xffffffff},
}

// Settle lets no new connection begin, and waits until those that have begun are accepted. Call it
// before the listener closes: the kernel resets connections that are not accepted by then, and a
// request may have been sent on them. Other systems than Linux do not have it.
func Settle(listener net.Listener) {
	conn, ok := listener.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	filtered := false
	err = raw.Control(func(fd uintptr) { filtered = syscall.AttachLsf(int(fd), dropSYN) == nil })
	if filtered && err == nil {
		time.Sleep(settleTime)
	}
}
