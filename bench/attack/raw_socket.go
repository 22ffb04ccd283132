package main

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// Opcodes of WebSocket frames.
const (
	opText  = 1
	opClose = 8
	opPing  = 9
)

const (
	maxFrame   = 1 << 20
	batchBytes = 4 << 10
)

// rawSocket is a WebSocket of an attacker. It sends what libraries would not, as fast as the facade
// takes it.
type rawSocket struct {
	net.Conn
	reader *bufio.Reader
}

// openSocket opens a socket. With a token it waits until the facade has accepted it. It counts a
// refusal and returns nil. The caller must call the function.
func (s *assault) openSocket(source, token string) (*rawSocket, func()) {
	conn, end := s.dial(source)
	if conn == nil {
		return nil, end
	}
	socket := &rawSocket{Conn: conn, reader: bufio.NewReader(conn)}
	status, err := socket.handshake()
	if err != nil || status != http.StatusSwitchingProtocols {
		s.countStatus(status, err)
		return nil, end
	}
	s.count("opened")
	if token == "" {
		return socket, end
	}
	if _, err := conn.Write(textFrame(initMessage(token))); err != nil {
		s.countClosed()
		return nil, end
	}
	if _, payload, err := socket.readFrame(); err != nil || messageType(payload) != "connection_ack" {
		s.countClosed()
		return nil, end
	}
	return socket, end
}

// handshake asks for a WebSocket and returns the status of the answer.
func (s *rawSocket) handshake() (int, error) {
	_, err := fmt.Fprintf(s, "GET /graphql HTTP/1.1\r\nHost: facade\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
		base64.StdEncoding.EncodeToString(make([]byte, 16)))
	if err != nil {
		return 0, err
	}
	response, err := http.ReadResponse(s.reader, nil)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, nil
}

// readFrame reads a frame of the facade, which sends neither masks nor fragments.
func (s *rawSocket) readFrame() (opcode int, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(s.reader, head[:]); err != nil {
		return 0, nil, err
	}
	length := uint64(head[1] & 0x7f)
	if extended := map[uint64]int{126: 2, 127: 8}[length]; extended > 0 {
		var size [8]byte
		if _, err := io.ReadFull(s.reader, size[8-extended:]); err != nil {
			return 0, nil, err
		}
		length = binary.BigEndian.Uint64(size[:])
	}
	if length > maxFrame {
		return 0, nil, errors.New("the frame is too long")
	}
	payload = make([]byte, length)
	_, err = io.ReadFull(s.reader, payload)
	return int(head[0] & 0x0f), payload, err
}

// frame returns a whole frame of a caller. Its mask is zero, so that the payload stays as it is.
func frame(opcode byte, payload []byte) []byte {
	const final, masked = 0x80, 0x80
	f := []byte{final | opcode}
	switch length := len(payload); {
	case length < 126:
		f = append(f, masked|byte(length))
	default:
		f = binary.BigEndian.AppendUint16(append(f, masked|126), uint16(length)) // 64 kB is the limit of a message
	}
	return append(append(f, 0, 0, 0, 0), payload...)
}

func textFrame(text string) []byte { return frame(opText, []byte(text)) }

// repeatFrame returns some frames in one piece, so that sending them costs little.
func repeatFrame(f []byte) []byte {
	return []byte(strings.Repeat(string(f), batchBytes/len(f)))
}

func initMessage(token string) string {
	return fmt.Sprintf(`{"type":"connection_init","payload":{"authorization":"Bearer %s"}}`, token)
}

func subscribeMessage(id int, body string) string {
	return fmt.Sprintf(`{"id":"%d","type":"subscribe","payload":%s}`, id, body)
}

// messageType returns the type of a message of graphql-transport-ws.
func messageType(message []byte) string {
	var m struct{ Type string }
	if err := json.Unmarshal(message, &m); err != nil {
		return "no JSON"
	}
	return m.Type
}
