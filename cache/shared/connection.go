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
	pingEvery      = 5 * time.Second // on a socket that is silent
	pingTimeout    = 3 * time.Second
	socketBuffer   = 64 << 10
)

// errStoreURL quotes nothing, because a URL that cannot be read may still have
// a password in it.
var errStoreURL = errors.New("cache: the URL of the shared store cannot be read, " +
	"want redis://, rediss://, valkey://, valkeys:// or unix:///path")

// connection is the store from when it was found until it is lost. What is
// lost does not come back: another connection takes its place.
type connection struct {
	ctx  context.Context // ends when the connection is lost, with the reason as its cause
	lose context.CancelCauseFunc

	// A long value must not hold up short commands, and a server may cut off a
	// subscriber whose answers grow long. So each has a socket of its own.
	commands, values, news valkey.Client

	listening sync.WaitGroup
	redact    *strings.Replacer
}

// storeOptions reads what a [Config] calls a URL.
func storeOptions(text string) (valkey.ClientOption, error) {
	u, err := url.Parse(text)
	if err != nil {
		return valkey.ClientOption{}, errStoreURL
	}
	if u.Path == "/" { // the library takes it for the number of a database
		u.Path = ""
	}
	options, err := valkey.ParseURL(u.String())
	// Nothing here has been tried with sentinels or several servers.
	if err != nil || options.Sentinel.MasterSet != "" || len(options.InitAddress) != 1 || options.InitAddress[0] == "" {
		return valkey.ClientOption{}, errStoreURL
	}
	options.ForceSingleClient = true
	options.PipelineMultiplex = -1  // one socket
	options.AlwaysPipelining = true // without it a caller who leaves would close the socket under the others
	options.DisableRetry = true
	options.DisableCache = true // so that servers that only speak RESP2 will do
	options.ClientSetInfo = valkey.DisableClientSetInfo
	options.Dialer = net.Dialer{Timeout: connectTimeout, KeepAlive: pingEvery}
	options.ConnWriteTimeout = pingTimeout
	options.ReadBufferEachConn, options.WriteBufferEachConn = socketBuffer, socketBuffer
	return options, nil
}

// newConnection returns a connection with its sockets open, or with the reason
// why they are not; either has to be closed.
func newConnection(ctx context.Context, options valkey.ClientOption) (*connection, error) {
	c := &connection{redact: strings.NewReplacer()}
	if options.Password != "" {
		c.redact = strings.NewReplacer(options.Password, "…") // an old server echoes a greeting that it does not know
	}
	c.ctx, c.lose = context.WithCancelCause(context.Background())
	// Nothing but the opening ends with ctx, so that the last words can still be said.
	defer context.AfterFunc(ctx, func() { c.lose(ctx.Err()) })()

	network := "tcp"
	if options.DialCtxFn != nil { // as the library reads unix://
		network = "unix"
	}
	options.DialCtxFn = func(ctx context.Context, address string, _ *net.Dialer, t *tls.Config) (net.Conn, error) {
		return c.dial(ctx, network, address, t)
	}
	var err error
	for _, client := range []*valkey.Client{&c.commands, &c.values, &c.news} {
		if *client, err = valkey.NewClient(options); err != nil {
			return c, c.lost(err)
		}
	}
	return c, nil
}

// dial opens a socket that ends with the connection, and the connection with it.
func (c *connection) dial(ctx context.Context, network, address string, config *tls.Config) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	defer context.AfterFunc(c.ctx, cancel)()
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	// Below TLS, whose own Close would wait for a server that does not read.
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

// socket tells when it can no longer be read. The library would open another
// behind our back, and what was said meanwhile would be missed.
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

// listen has hear called with what is published on channel, one at a time,
// until the connection is lost. It returns once nothing can be missed.
func (c *connection) listen(channel string, hear func(text string)) error {
	var once sync.Once
	listening := make(chan struct{})
	ctx := valkey.WithOnSubscriptionHook(c.ctx, func(valkey.PubSubSubscription) { once.Do(func() { close(listening) }) })
	c.listening.Go(func() {
		subscribe := c.news.B().Subscribe().Channel(channel).Build()
		err := c.news.Receive(ctx, subscribe, func(m valkey.PubSubMessage) { hear(m.Message) })
		c.lose(fmt.Errorf("nothing is heard any more: %v", err))
	})
	timeout := time.NewTimer(connectTimeout)
	defer timeout.Stop()
	select {
	case <-listening:
		return nil
	case <-timeout.C:
		return c.lost(fmt.Errorf("no subscription within %v", connectTimeout))
	case <-c.ctx.Done():
		return c.lost(context.Cause(c.ctx))
	}
}

// do makes one call, of at most limit. Whatever comes instead of an answer
// loses the connection: the next caller must not wait for the same. Only a
// caller who leaves is not the store's fault.
func (c *connection) do(ctx context.Context, limit time.Duration, call func(context.Context, *connection) error) error {
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
		return c.lost(fmt.Errorf("no answer within %v", limit))
	default:
		return c.lost(err)
	}
}

// ask runs a short script that answers a number.
func (c *connection) ask(ctx context.Context, script *valkey.Lua, keys []string, args ...string) (int64, error) {
	var answer int64
	err := c.do(ctx, storeTimeout, func(ctx context.Context, c *connection) (err error) {
		answer, err = script.Exec(ctx, c.commands, keys, args).AsInt64()
		return err
	})
	return answer, err
}

// lost loses the connection for a reason and returns it in words fit to be
// shown. The reason is not wrapped: it may be a deadline, and not the caller's.
func (c *connection) lost(reason error) error {
	c.lose(reason)
	return fmt.Errorf("%w: %s", ErrStoreLost, c.redact.Replace(reason.Error()))
}

// reason returns why the connection was lost.
func (c *connection) reason() error {
	return c.lost(context.Cause(c.ctx))
}

// close ends the connection and all that runs for it.
func (c *connection) close() {
	c.lose(errClosed)
	for _, client := range []valkey.Client{c.commands, c.values, c.news} {
		if client != nil {
			client.Close()
		}
	}
	c.listening.Wait()
}
