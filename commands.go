package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/vektah/gqlparser/v2/formatter"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph"
)

const (
	healthcheckTimeout = 3 * time.Second
	// maxPasswordLine bounds what is read, well above the 72 bytes that a password may have.
	maxPasswordLine = 1 << 10
)

// version is the released version; the build sets it with -ldflags "-X main.version=1.2.3".
var version = "dev"

// hashPassword reads one line from stdin, the password, and prints its bcrypt hash. What [auth.HashPassword] refuses is refused.
func hashPassword(stdin io.Reader, stdout io.Writer) error {
	password, err := readPassword(stdin)
	if err != nil {
		return fmt.Errorf("read the password: %w", err)
	}
	hash, err := auth.HashPassword(password)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, hash)
	return err
}

// readPassword reads to the first line end, or to the end: a person ends with Enter, a pipe may have no line end at all.
func readPassword(stdin io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(stdin, maxPasswordLine)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return trimLineEnd(line), nil
}

// healthcheck asks the server that listens on listenAddr, on this machine, for /health. It returns nil on 200 only,
// and gives up after three seconds.
func healthcheck(ctx context.Context, listenAddr string) error {
	target, err := healthURL(listenAddr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	// A transport of its own: the default one would go through HTTP_PROXY.
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("healthcheck: %s", response.Status)
	}
	return nil
}

// healthURL turns an address to listen on into one to call: no host, or one that means every address, becomes 127.0.0.1.
func healthURL(listenAddr string) (string, error) {
	host, port, err := net.SplitHostPort(listenAddr)
	if err != nil {
		return "", fmt.Errorf("healthcheck: %w", err)
	}
	if address, err := netip.ParseAddr(host); host == "" || (err == nil && address.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port) + "/health", nil
}

// printSchema prints the GraphQL schema as one document.
func printSchema(w io.Writer) error {
	out := bufio.NewWriter(w)
	formatter.NewFormatter(out, formatter.WithIndent("  ")).FormatSchema(graph.Schema())
	return out.Flush()
}

// printVersion prints one line: the version, the commit it was built from when known, and Go's version and platform.
func printVersion(w io.Writer) error {
	_, err := fmt.Fprintf(w, "wisphub-graphql %s (%s, %s %s/%s)\n", version, commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "commit unknown"
	}
	return commitOf(info.Settings)
}

// commitOf returns the commit that the go command found beside the sources, and whether they had changed since.
func commitOf(settings []debug.BuildSetting) string {
	vcs := make(map[string]string)
	for _, setting := range settings {
		vcs[setting.Key] = setting.Value
	}
	text := "commit " + cmp.Or(vcs["vcs.revision"], "unknown")
	if vcs["vcs.modified"] == "true" {
		text += " with changes"
	}
	return text
}
