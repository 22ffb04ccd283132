// Package playgroundtest drives the playground in a real Chromium, for tests. Tests can log in, run
// queries, and inspect what the page displays, requests and stores.
package playgroundtest

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// timeout limits each wait for the page.
const timeout = 20 * time.Second

// Browser is a Chromium with one open page. Its methods fail the test if the page does not respond
// as expected. It is not safe for concurrent use.
type Browser struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex // guards the fields below, which record fills
	requests []string
	errors   []string
}

// Session starts Chromium and opens the playground at baseURL, which has no trailing slash. The
// browser has an empty profile and stops at the end of the test. The test is skipped if no Chromium
// is installed.
func Session(t *testing.T, baseURL string) *Browser {
	t.Helper()
	return Open(t, baseURL+"/", "#login button")
}

// Open is like Session for any page. It returns when the element of the CSS selector ready is
// enabled.
func Open(t *testing.T, address, ready string) *Browser {
	t.Helper()
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options(t)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &Browser{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.record); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	b.do("open the page", chromedp.EmulateViewport(1400, 900), chromedp.Navigate(address), chromedp.WaitEnabled(ready))
	return b
}

func options(t *testing.T) []chromedp.ExecAllocatorOption {
	t.Helper()
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(findChromium(t)),
		chromedp.UserDataDir(t.TempDir()),
		// No host name resolves, so no request leaves this machine.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	}
	for _, flag := range []string{
		"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run",
		"disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage",
	} {
		options = append(options, chromedp.Flag(flag, true))
	}
	return options
}

func findChromium(t *testing.T) string {
	t.Helper()
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skipf("none of %v is installed", names)
	return ""
}

// record stores requests and errors. Chromium reports an event before the command after it returns.
func (b *Browser) record(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		b.requests = append(b.requests, e.URL)
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, describe(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			b.errors = append(b.errors, fmt.Sprint("console.error: ", texts(e.Args)))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			b.errors = append(b.errors, fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

func describe(details *runtime.ExceptionDetails) string {
	if details.Exception == nil {
		return details.Text
	}
	return details.Text + " " + details.Exception.Description
}

func texts(args []*runtime.RemoteObject) []string {
	var texts []string
	for _, arg := range args {
		texts = append(texts, string(arg.Value)+arg.Description)
	}
	return texts
}

// Requests returns the URLs that the page has requested, in order, including data URLs.
func (b *Browser) Requests() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.requests)
}

// ConsoleErrors returns uncaught exceptions and the errors in the browser's console. The browser
// itself logs violations of the Content-Security-Policy and failed requests there.
func (b *Browser) ConsoleErrors() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.errors)
}

// Resize sets the size of the window in CSS pixels. Screenshots have the same size.
func (b *Browser) Resize(width, height int64) {
	b.t.Helper()
	b.do("resize the window", chromedp.EmulateViewport(width, height))
}
