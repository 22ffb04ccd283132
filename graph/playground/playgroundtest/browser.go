// Package playgroundtest drives the playground page in a real Chromium, for tests: log in, run a query, look at what
// the page shows, asks for and keeps.
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

// patience bounds every wait for the page.
const patience = 20 * time.Second

// Browser is one Chromium with the playground page open. Its methods fail the test when the page does not do what they
// ask for. Use it from one goroutine.
type Browser struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex // guards the fields below, which Chromium's events fill
	requests []string
	errors   []string
}

// Session starts Chromium and opens the page at baseURL, which has no trailing slash. The browser has a profile of its
// own and ends with the test. Without an installed Chromium the test is skipped.
func Session(t *testing.T, baseURL string) *Browser {
	t.Helper()
	return Open(t, baseURL+"/", "#login button")
}

// Open is Session for any page: it returns once the element that the CSS selector finds can be used.
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
		// No name resolves: whatever the page or the browser tries, nothing leaves this machine.
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

// record sees each event of the page before the command that follows it returns.
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

// Requests returns the address of everything that the page has asked for, in order, data URLs included.
func (b *Browser) Requests() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.requests)
}

// ConsoleErrors returns uncaught exceptions, errors written to the console, and what the browser itself complains of
// there: violations of the content security policy, requests that were answered with an error.
func (b *Browser) ConsoleErrors() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.errors)
}
