package shared

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/valkey-io/valkey-go"
)

const (
	connectTimeout = time.Second
	pingInterval   = 5 * time.Second // on an idle socket
	pingTimeout    = 3 * time.Second
	socketBuffer   = 64 << 10
)

// errURL quotes nothing: a malformed URL may contain a password.
var errURL = errors.New("shared: malformed URL; " +
	"want redis://, rediss://, valkey://, valkeys:// or unix:///path")

// connection is a connection to the server until it is lost. A lost connection
// never recovers: the store opens another.
type connection struct {
	ctx  context.Context // ends when the connection is lost; its cause is the reason
	lose context.CancelCauseFunc

	// Each has its own socket. A long value would delay short commands, and a
	// server may disconnect a subscriber whose unread answers grow long.
	commands, values, pubsub valkey.Client

	listeners sync.WaitGroup
	redact    *strings.Replacer
}

// parseURL returns the library's options for a [Config.URL].
func parseURL(text string) (valkey.ClientOption, error) {
	u, err := url.Parse(text)
	if err != nil {
		return valkey.ClientOption{}, errURL
	}
	if u.Path == "/" { // the library would read it as a database number
		u.Path = ""
	}
	options, err := valkey.ParseURL(u.String())
	// This package is not tested with sentinels or several servers.
	if err != nil || options.Sentinel.MasterSet != "" ||
		len(options.InitAddress) != 1 || options.InitAddress[0] == "" {
		return valkey.ClientOption{}, errURL
	}
	options.ForceSingleClient = true
	options.PipelineMultiplex = -1 // one socket
	// Without pipelining a cancelled call would close the socket that others use.
	options.AlwaysPipelining = true
	options.DisableRetry = true
	options.DisableCache = true // caching needs RESP3, which some servers lack
	options.ClientSetInfo = valkey.DisableClientSetInfo
	options.Dialer = net.Dialer{Timeout: connectTimeout, KeepAlive: pingInterval}
	options.ConnWriteTimeout = pingTimeout
	options.ReadBufferEachConn, options.WriteBufferEachConn = socketBuffer, socketBuffer
	return options, nil
}

// newConnection opens the sockets of a connection. On an error, too, the caller
// must close the connection that it returns.
func newConnection(ctx context.Context, options valkey.ClientOption) (*connection, error) {
	c := &connection{redact: strings.NewReplacer()}
	if options.Password != "" { // an old server echoes a greeting that it does not know
		c.redact = strings.NewReplacer(options.Password, "…")
	}
	c.ctx, c.lose = context.WithCancelCause(context.Background())
	// Only the opening ends with ctx: Close still has to deregister the replica.
	defer context.AfterFunc(ctx, func() { c.lose(ctx.Err()) })()

	network := "tcp"
	if options.DialCtxFn != nil { // the library sets it for unix://
		network = "unix"
	}
	options.DialCtxFn = func(
		ctx context.Context, address string, _ *net.Dialer, t *tls.Config,
	) (net.Conn, error) {
		return c.dial(ctx, network, address, t)
	}
	var err error
	for _, client := range []*valkey.Client{&c.commands, &c.values, &c.pubsub} {
		if *client, err = valkey.NewClient(options); err != nil {
			return c, c.fail(err)
		}
	}
	return c, nil
}

// dial opens a socket. When the connection is lost the socket closes; when the
// socket fails the connection is lost.
func (c *connection) dial(
	ctx context.Context, network, address string, config *tls.Config,
) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	defer context.AfterFunc(c.ctx, cancel)()
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	// Closed below TLS: its own Close would wait for a server that does not read.
	context.AfterFunc(c.ctx, func() { conn.Close() })
	if config != nil {
		secure := tls.Client(conn, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, err
		}
		return socket{secure, c.lose}, nil
	}
	return socket{conn, c.lose}, nil
}

// socket loses the connection when a read fails. Otherwise the library would
// reconnect unnoticed, and messages published meanwhile would be missed.
type socket struct {
	net.Conn
	lose func(error)
}

// Read is that of [net.Conn].
func (s socket) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if err != nil {
		s.lose(err)
	}
	return n, err
}

// subscribe calls receive with each message on channel, one at a time, until
// the connection is lost. It returns once the subscription is active.
func (c *connection) subscribe(channel string, receive func(text string)) error {
	var once sync.Once
	active := make(chan struct{})
	ctx := valkey.WithOnSubscriptionHook(c.ctx, func(valkey.PubSubSubscription) {
		once.Do(func() { close(active) })
	})
	c.listeners.Go(func() {
		subscribe := c.pubsub.B().Subscribe().Channel(channel).Build()
		err := c.pubsub.Receive(ctx, subscribe, func(m valkey.PubSubMessage) { receive(m.Message) })
		c.lose(fmt.Errorf("the subscription ended: %v", err))
	})
	timeout := time.NewTimer(connectTimeout)
	defer timeout.Stop()
	select {
	case <-active:
		return nil
	case <-timeout.C:
		return c.fail(fmt.Errorf("no subscription within %v", connectTimeout))
	case <-c.ctx.Done():
		return c.fail(context.Cause(c.ctx))
	}
}

// do makes one call that takes at most limit. Any failure of the server loses
// the connection, so that the next caller does not wait for the same. If the
// caller's own context ends, the connection stays.
func (c *connection) do(
	ctx context.Context, limit time.Duration, call func(context.Context, *connection) error,
) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.ctx.Err() != nil {
		return ErrStoreLost
	}
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := call(within, c)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case within.Err() != nil:
		return c.fail(fmt.Errorf("no answer within %v", limit))
	default:
		return c.fail(err)
	}
}

// eval runs a short script that returns a number.
func (c *connection) eval(
	ctx context.Context, script *valkey.Lua, keys []string, args ...string,
) (int64, error) {
	var answer int64
	err := c.do(ctx, commandTimeout, func(ctx context.Context, c *connection) (err error) {
		answer, err = script.Exec(ctx, c.commands, keys, args).AsInt64()
		return err
	})
	return answer, err
}

// fail loses the connection and returns an error without secrets. It does not
// wrap the reason, which may be a deadline that is not the caller's.
func (c *connection) fail(reason error) error {
	c.lose(reason)
	return fmt.Errorf("%w: %s", ErrStoreLost, c.redact.Replace(reason.Error()))
}

// reason returns why the connection was lost.
func (c *connection) reason() error {
	return c.fail(context.Cause(c.ctx))
}

// close ends the connection and its goroutines.
func (c *connection) close() {
	c.lose(errClosed)
	for _, client := range []valkey.Client{c.commands, c.values, c.pubsub} {
		if client != nil {
			client.Close()
		}
	}
	c.listeners.Wait()
}
