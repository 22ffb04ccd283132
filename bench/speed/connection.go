package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"time"
)

const (
	readBuffer = 64 << 10
	maxAnswer  = 16 << 20
	askTimeout = 30 * time.Second
)

// connection sends prepared requests over one connection. It costs a fraction of net/http's client,
// because it shares the cores with the server. It is not safe for concurrent use.
type connection struct {
	conn   net.Conn
	reader *bufio.Reader
	answer []byte // the last body
}

func dial(host string) (*connection, error) {
	conn, err := net.DialTimeout("tcp", host, askTimeout)
	if err != nil {
		return nil, err
	}
	return &connection{conn: conn, reader: bufio.NewReaderSize(conn, readBuffer)}, nil
}

func (c *connection) close() { _ = c.conn.Close() } // it has served its purpose

// errRefused means that the server answered with another status than 200.
var errRefused = errors.New("refused")

// ask sends a request and returns the body of the answer, which is valid until the next call. It
// returns [errRefused] after any status but 200, and the connection can be used again.
func (c *connection) ask(request []byte) ([]byte, error) {
	if err := c.conn.SetDeadline(time.Now().Add(askTimeout)); err != nil {
		return nil, err
	}
	if _, err := c.conn.Write(request); err != nil {
		return nil, err
	}
	status, err := c.reader.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	ok, text := bytes.HasPrefix(status, []byte("HTTP/1.1 200")), string(bytes.TrimSpace(status[:min(len(status), 60)]))
	if err := c.readBody(); err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%w: %s: %s", errRefused, text, c.answer[:min(len(c.answer), 300)])
	}
	return c.answer, nil
}

var (
	lengthHeader  = []byte("content-length:")
	chunkedHeader = []byte("transfer-encoding: chunked")
)

// readBody reads the headers and the body.
func (c *connection) readBody() error {
	length, chunked := -1, false
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0 && chunked:
			return c.readChunks()
		case len(line) == 0:
			return c.readLength(length)
		case len(line) > len(lengthHeader) && bytes.EqualFold(line[:len(lengthHeader)], lengthHeader):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(lengthHeader):]))); err != nil {
				return err
			}
		case bytes.EqualFold(line, chunkedHeader):
			chunked = true
		}
	}
}

func (c *connection) readLength(length int) error {
	if length < 0 || length > maxAnswer {
		return fmt.Errorf("an answer of %d bytes, want 0 to %d", length, maxAnswer)
	}
	if cap(c.answer) < length {
		c.answer = make([]byte, length)
	}
	c.answer = c.answer[:length]
	_, err := io.ReadFull(c.reader, c.answer)
	return err
}

func (c *connection) readChunks() error {
	body := bytes.NewBuffer(c.answer[:0])
	if _, err := io.Copy(body, io.LimitReader(httputil.NewChunkedReader(c.reader), maxAnswer)); err != nil {
		return err
	}
	c.answer = body.Bytes()
	line, err := c.reader.ReadSlice('\n') // the end of the trailers, of which there are none
	if err == nil && len(bytes.TrimSpace(line)) > 0 {
		err = fmt.Errorf("the trailer %q, want none", line)
	}
	return err
}

// request is a prepared request, whose number can be changed.
type request struct {
	bytes  []byte
	number []byte // the part of bytes that is the number
}

// newRequest returns a request with a body that ends in the number firstNumber and two braces.
func newRequest(token, path string, body []byte) request {
	text := rawRequest(token, path, body)
	end := len(text) - len("}}")
	return request{bytes: text, number: text[end-len(strconv.Itoa(firstNumber)) : end]}
}

// rawRequest returns the bytes of a POST. Without a token it has no Authorization.
func rawRequest(token, path string, body []byte) []byte {
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nContent-Type: application/json\r\n", path)
	if token != "" {
		head += "Authorization: Bearer " + token + "\r\n"
	}
	return append(fmt.Appendf(nil, "%sContent-Length: %d\r\n\r\n", head, len(body)), body...)
}

// set changes the number. It must have as many digits as firstNumber.
func (r request) set(number int) { strconv.AppendInt(r.number[:0], int64(number), 10) }
