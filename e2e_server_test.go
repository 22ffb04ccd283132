package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/wisphub/wisphubtest"
)

// run runs a command with a password on standard input. Call it in an empty folder, so that it
// finds no .env.
func run(t *testing.T, environ map[string]string, args ...string) (stdout string, err error) {
	t.Helper()
	var out bytes.Buffer
	p := program{environ: environ, stdin: strings.NewReader("a password\n"), stdout: &out, stderr: &logBuffer{}}
	err = p.run(t.Context(), args)
	return out.String(), err
}

func TestCommands(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct{ command, want string }{
		{"version", "wisphub-graphql dev ("},
		{"help", "hash-password"},
		{"hash-password", "$2"},
		{"schema", "type Query {"},
	} {
		if out, err := run(t, nil, c.command); err != nil || !strings.Contains(out, c.want) {
			t.Errorf("run(%q) = %q, %v, want %q in it", c.command, out, err, c.want)
		}
	}
	if _, err := run(t, nil, "no-such"); err == nil || !strings.Contains(err.Error(), `unknown command "no-such"`) {
		t.Errorf("run(no-such) = %v, want an error that names it", err)
	}
	if _, err := run(t, map[string]string{"LISTEN_ADDR": "127.0.0.1:1"}, "healthcheck"); err == nil {
		t.Error("run(healthcheck) without a server = nil, want an error")
	}
}

func TestPrintSchema_IsValid(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := printSchema(&out); err != nil {
		t.Fatal(err)
	}
	if _, err := gqlparser.LoadSchema(&ast.Source{Input: out.String()}); err != nil {
		t.Errorf("printSchema prints an invalid schema: %v", err)
	}
	if !strings.Contains(out.String(), "id_servicio") {
		t.Error("printSchema prints no descriptions")
	}
}

func TestServe_ReportsMissingSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := run(t, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "Configuration error: ") || !strings.Contains(err.Error(),
		"WISPHUB_NET_KEY\n  field required (type=value_error.missing)") {
		t.Errorf("run() = %v, want the configuration errors", err)
	}
}

// TestServe_WithDotenv runs the program, configured by a .env, over a simulated WispHub.
func TestServe_WithDotenv(t *testing.T) {
	server := httptest.NewServer(newSimulator(t, 40))
	t.Cleanup(server.Close)
	t.Chdir(t.TempDir())
	dotenv := "WISPHUB_NET_KEY=" + wisphubtest.Key + "\nWISPHUB_NET_HOST=" + server.URL + "\n" +
		"JWT_SECRET_KEY=" + testSigningKey + "\nAPI_USERNAME=ana # the operator\n" +
		"export API_PASSWORD_HASH=" + testHash + "\nLISTEN_ADDR=127.0.0.1:0\nTIMEZONE=America/Lima\n"
	if err := os.WriteFile(".env", []byte(dotenv), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	log := &logBuffer{}
	ended := make(chan error, 1)
	go func() { ended <- (program{environ: map[string]string{}, stderr: log}).run(ctx, nil) }()
	s := &site{t: t, url: "http://" + waitForAddress(t, log)}
	if want := " holidays=pe currency=PEN timezone=America/Lima\n"; !strings.Contains(log.String(), want) {
		t.Errorf("log = %s, want%s in the start line", log, want)
	}
	s.login("ana", "a password")
	var data struct{ Clients struct{ TotalCount int } }
	s.query("{ clients { totalCount } }", &data)
	if data.Clients.TotalCount != 40 {
		t.Errorf("totalCount = %d, want 40", data.Clients.TotalCount)
	}
	if lines := auditLines(log); len(lines) != 1 {
		t.Errorf("audit lines = %q, want only the login", lines)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("run() = %v, want nil after the stop", err)
	}
	http.DefaultClient.CloseIdleConnections()
}

var servingLine = regexp.MustCompile(`msg=serving address=(\S+)`)

// waitForAddress returns the address that the server logs.
func waitForAddress(t *testing.T, log *logBuffer) string {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if found := servingLine.FindStringSubmatch(log.String()); found != nil {
			return found[1]
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("log = %s, want the address of the server in it", log)
		}
	}
}
