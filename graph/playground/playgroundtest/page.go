package playgroundtest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/chromedp/chromedp"
)

// GraphiQL stores each CodeMirror editor in a property of its element.
const (
	queryEditor  = `document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror`
	resultEditor = `document.querySelector(".result-window .CodeMirror").CodeMirror`
)

// Login logs in and waits until GraphiQL is visible.
func (b *Browser) Login(username, password string) {
	b.t.Helper()
	b.submitLogin(username, password)
	b.do("log in", chromedp.WaitVisible("#session"), chromedp.WaitVisible("button.graphiql-execute-button"))
}

// LoginRefused tries to log in and returns the form's error message.
func (b *Browser) LoginRefused(username, password string) string {
	b.t.Helper()
	b.submitLogin(username, password)
	return b.Message()
}

func (b *Browser) submitLogin(username, password string) {
	b.t.Helper()
	b.do("fill in the login form",
		chromedp.SetValue(`input[name="username"]`, username),
		chromedp.SetValue(`input[name="password"]`, password),
		chromedp.Click("#login button"))
}

// Logout clicks the button and waits for the login form.
func (b *Browser) Logout() {
	b.t.Helper()
	b.do("log out", chromedp.Click("#logout"), chromedp.WaitVisible("#login"))
}

// Caller returns the session text of the title bar: the user and the expiry of the token.
func (b *Browser) Caller() string {
	b.t.Helper()
	return eval[string](b, `document.querySelector("#session p").textContent`)
}

// Message waits for a message in the login form and returns it.
func (b *Browser) Message() string {
	b.t.Helper()
	const message = `document.getElementById("message").textContent`
	return eval[string](b, `until(() => `+message+`)`)
}

// Run replaces the query in GraphiQL's editor, runs it and returns the text of the response.
func (b *Browser) Run(query string) string {
	b.t.Helper()
	literal, err := json.Marshal(query)
	if err != nil {
		b.t.Fatal(err)
	}
	eval[bool](b, fmt.Sprintf(`%s.setValue(%s) ?? true`, queryEditor, literal))
	return b.RunCurrent()
}

// RunCurrent runs the query in the editor and returns the text of the response.
func (b *Browser) RunCurrent() string {
	b.t.Helper()
	// GraphiQL parses the document shortly after a change and takes the operation name from it.
	eval[bool](b, `until(() => `+queryEditor+`.documentAST?.loc.source.body === `+queryEditor+`.getValue())`)
	eval[bool](b, resultEditor+`.setValue("") ?? true`)
	b.do("run the query", chromedp.Click("button.graphiql-execute-button"))
	return eval[string](b, `until(() => `+resultEditor+`.getValue())`)
}

// OpenExample selects an example by its index in the menu, from 0, and returns the query in the new
// tab.
func (b *Browser) OpenExample(index int) string {
	b.t.Helper()
	const choose = `(async () => {
		const tabs = () => document.querySelectorAll(".graphiql-tab").length;
		const before = tabs();
		const menu = document.getElementById("examples");
		menu.value = %d;
		menu.dispatchEvent(new Event("change"));
		return until(() => tabs() > before && %s.getValue());
	})()`
	return eval[string](b, fmt.Sprintf(choose, index, queryEditor))
}

// Click waits until the first element of the CSS selector is visible and clicks it.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.do("click "+selector, chromedp.WaitVisible(selector), chromedp.Click(selector))
}

// Type waits until the first element of the CSS selector is visible and types the text into it.
func (b *Browser) Type(selector, text string) {
	b.t.Helper()
	b.do("type into "+selector, chromedp.WaitVisible(selector), chromedp.SendKeys(selector, text))
}

// WaitGone waits until no element matches the CSS selector.
func (b *Browser) WaitGone(selector string) {
	b.t.Helper()
	b.do("wait until the page no longer has "+selector, chromedp.WaitNotPresent(selector))
}

// Text returns the visible text of the page.
func (b *Browser) Text() string {
	b.t.Helper()
	return eval[string](b, `document.body.innerText`)
}

// Query returns the text in GraphiQL's editor.
func (b *Browser) Query() string {
	b.t.Helper()
	return eval[string](b, queryEditor+`.getValue()`)
}

// Storage returns both storages and the cookies of the page as one text.
func (b *Browser) Storage() string {
	b.t.Helper()
	return eval[string](b, `JSON.stringify({...localStorage, ...sessionStorage}) + document.cookie`)
}

// Screenshot writes the content of the window to a PNG file.
func (b *Browser) Screenshot(path string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, timeout)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatalf("take a screenshot: %v", err)
	}
	if err := os.WriteFile(path, png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *Browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, timeout)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v\nconsole: %q", what, err, b.ConsoleErrors())
	}
}

// eval evaluates an expression in the page. In it, until(f) waits until f returns a truthy value
// and returns that value.
func eval[T any](b *Browser, expression string) T {
	b.t.Helper()
	const until = `var until = async (ready) => {
		for (;;) {
			const value = ready();
			if (value) return value;
			await new Promise((next) => setTimeout(next, 20));
		}
	};`
	ctx, cancel := context.WithTimeout(b.ctx, timeout)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](until+expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v\nconsole: %q", expression, err, b.ConsoleErrors())
	}
	return value
}
