package graph_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Test15_6_Memory opens sockets that each stop in the middle of the largest message that needs no
// budget, half of them with a token. As many as the limits allow must fit into 80 MB. It does not
// run beside other tests, whose memory would count.
func Test15_6_Memory(t *testing.T) {
	f := newFixture(t, fixtureConfig{})
	limits := f.graphql.StreamLimits()
	limits.InitTimeout = time.Minute
	limits.MaxFrameWait = time.Minute
	token := f.tokenFor(t, ana)
	const sockets = 200
	before := usedMemory()
	for n := range sockets {
		conn := openRaw(t, strings.TrimPrefix(f.server.URL, "http://"))
		in := bufio.NewReaderSize(conn, 16)
		if n%2 == 0 {
			writeMasked(t, conn, `{"type":"connection_init","payload":{"authorization":"Bearer `+token+`"}}`)
			if _, err := in.Peek(16); err != nil { // connection_ack
				t.Fatal(err)
			}
		}
		half := make([]byte, limits.SmallMessage)
		writeMasked(t, conn, string(half)) // the last byte is missing
	}
	time.Sleep(200 * time.Millisecond) // until the server has read them
	perSocket := int(usedMemory()-before) / sockets
	all := perSocket * (limits.MaxOpen + limits.MaxWaiting) / 1_000_000
	t.Logf("%d bytes a socket, %d MB for all", perSocket, all)
	if all > 80 {
		t.Errorf("%d bytes a socket, %d MB for all, want at most 80 MB", perSocket, all)
	}
}

func usedMemory() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc + stats.StackInuse
}

// openRaw opens a WebSocket that costs this side little memory.
func openRaw(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n")
	response, err := http.ReadResponse(bufio.NewReader(conn), nil) // the buffer is garbage afterwards
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("handshake = %v, %v, want 101", response, err)
	}
	return conn
}

// writeMasked writes a text message with a mask of zeros. A message of zeros lacks its last byte.
func writeMasked(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	frame := binary.BigEndian.AppendUint16([]byte{0x81, 0x80 | 126}, uint16(len(text)))
	frame = append(append(frame, 0, 0, 0, 0), text...)
	if text[0] == 0 {
		frame = frame[:len(frame)-1]
	}
	if _, err := conn.Write(frame); err != nil {
		t.Fatal(err)
	}
}
