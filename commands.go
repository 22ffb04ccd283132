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
	"wisphub-graphql/config"
	"wisphub-graphql/graph"
)

const (
	healthcheckTimeout = 3 * time.Second
	// maxPasswordLine limits the input, well above the 72 bytes that a password may have.
	maxPasswordLine = 1 << 10
)

// version is the release version. The build sets it with -ldflags "-X main.version=1.2.3".
var version = "dev"

// hashPassword reads a password, one line, from stdin and prints its bcrypt hash. It returns the
// errors of [auth.HashPassword].
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

// readPassword reads up to the first line end. The line end may be missing, as in a pipe.
func readPassword(stdin io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(stdin, maxPasswordLine)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return config.TrimLineEnd(line), nil
}

// healthcheck requests /health from the server that listens on listenAddr on this machine. It
// returns nil only for the status 200, and gives up after three seconds.
func healthcheck(ctx context.Context, listenAddr string) error {
	target, err := healthURL(listenAddr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	// Not http.DefaultTransport, which would use HTTP_PROXY.
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

// healthURL returns the URL for an address to listen on. A missing or unspecified host becomes
// 127.0.0.1.
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

// printVersion prints one line with the version, the commit (if known), and the version and
// platform of Go.
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

// commitOf returns the commit that the go command recorded, and whether the sources had
// uncommitted changes.
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
