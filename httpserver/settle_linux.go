package httpserver

import (
	"net"
	"syscall"
)

// dropSYN is a packet filter. It sees TCP headers: byte 13 has the flags, of which it compares SYN
// and ACK. It drops a SYN, so that the caller sends it again in a second, and lets all else pass.
var dropSYN = []syscall.SockFilter{
	{Code: syscall.BPF_LD | syscall.BPF_B | syscall.BPF_ABS, K: 13},
	{Code: syscall.BPF_ALU | syscall.BPF_AND | syscall.BPF_K, K: 0x12},
	{Code: syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K, K: 0x02, Jt: 0, Jf: 1},
	{Code: syscall.BPF_RET | syscall.BPF_K, K: 0},
	{Code: syscall.BPF_RET | syscall.BPF_K, K: 0xffffffff},
}

// refuseNew lets no new connection begin at the listener. It returns false if that fails.
func refuseNew(listener net.Listener) (refused bool) {
	conn, ok := listener.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return false
	}
	err = raw.Control(func(fd uintptr) {
		//lint:ignore SA1019 x/net/bpf attaches to packet sockets only
		refused = syscall.AttachLsf(int(fd), dropSYN) == nil
	})
	return refused && err == nil
}
