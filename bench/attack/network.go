package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	callerAddress = "127.0.0.1"
	// loginAddress is where a user logs in from who is known there.
	loginAddress = "127.0.1.1"
	dialTimeout  = 5 * time.Second
)

// manySources reports whether this system can send from all of 127.0.0.0/8, as Linux can.
var manySources = sync.OnceValue(func() bool {
	listener, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		return false
	}
	_ = listener.Close() // it has served its purpose
	return true
})

// attackerAddress returns the n-th address that attackers send from.
func attackerAddress(n int) string { return fmt.Sprintf("127.0.2.%d", n+1) }

// newDialer connects from a source address. Without other addresses than one, it connects from that.
func newDialer(source string) *net.Dialer {
	dialer := &net.Dialer{Timeout: dialTimeout}
	if source != callerAddress && manySources() {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(source)}
	}
	return dialer
}

// newClient returns a client that keeps one connection open, from a source address.
func newClient(source string) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			MaxIdleConnsPerHost: 1,
			DisableCompression:  true,
			DialContext:         newDialer(source).DialContext,
		},
		Timeout: time.Minute,
	}
}

// newRequest returns a request with a JSON body and a token, unless they are "".
func newRequest(ctx context.Context, method, url, token, body string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return request, nil
}

// rawRequest returns a request as bytes. Its body may be shorter than length.
func rawRequest(method, path, token, headers string, length int, body string) []byte {
	text := method + " " + path + " HTTP/1.1\r\nHost: facade\r\n" + headers
	if token != "" {
		text += "Authorization: Bearer " + token + "\r\n"
	}
	if length > 0 {
		text += fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", length)
	}
	return []byte(text + "\r\n" + body)
}

// discard reads an answer to its end and returns its status.
func discard(response *http.Response) (int, error) {
	defer response.Body.Close()
	_, err := io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}
