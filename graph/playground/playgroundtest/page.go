package playgroundtest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/chromedp/chromedp"
)

// GraphiQL keeps its CodeMirror editors on their elements.
const (
	queryEditor  = `document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror`
	resultEditor = `document.querySelector(".result-window .CodeMirror").CodeMirror`
)

// Login logs in and waits for GraphiQL.
func (b *Browser) Login(username, password string) {
	b.t.Helper()
	b.submitLogin(username, password)
	b.do("log in", chromedp.WaitVisible("#session"), chromedp.WaitVisible("button.graphiql-execute-button"))
}

// LoginRefused tries to log in and returns the message that the form shows.
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

// Logout presses the button and waits for the login form.
func (b *Browser) Logout() {
	b.t.Helper()
	b.do("log out", chromedp.Click("#logout"), chromedp.WaitVisible("#login"))
}

// Caller returns what the title bar says of the session: who is logged in, and until when.
func (b *Browser) Caller() string {
	b.t.Helper()
	return eval[string](b, `document.querySelector("#session p").textContent`)
}

// Message waits for the login form to say something and returns it.
func (b *Browser) Message() string {
	b.t.Helper()
	const message = `document.getElementById("message").textContent`
	return eval[string](b, `until(() => `+message+`)`)
}

// Run puts the query into GraphiQL's editor, runs it and returns the text of the answer.
func (b *Browser) Run(query string) string {
	b.t.Helper()
	literal, err := json.Marshal(query)
	if err != nil {
		b.t.Fatal(err)
	}
	eval[bool](b, fmt.Sprintf(`%s.setValue(%s) ?? true`, queryEditor, literal))
	return b.RunShown()
}

// RunShown runs the query that is in the editor and returns the text of the answer.
func (b *Browser) RunShown() string {
	b.t.Helper()
	// GraphiQL reads the name of the operation from the document as it was parsed last, some moments after a change.
	eval[bool](b, `until(() => `+queryEditor+`.documentAST?.loc.source.body === `+queryEditor+`.getValue())`)
	eval[bool](b, resultEditor+`.setValue("") ?? true`)
	b.do("run the query", chromedp.Click("button.graphiql-execute-button"))
	return eval[string](b, `until(() => `+resultEditor+`.getValue())`)
}

// OpenExample chooses an example from the menu by its place, from 0, and returns the query that the new tab shows.
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

// Click clicks the first element that the CSS selector finds, as soon as it is visible.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.do("click "+selector, chromedp.WaitVisible(selector), chromedp.Click(selector))
}

// Type types into the first element that the CSS selector finds, as soon as it is visible.
func (b *Browser) Type(selector, text string) {
	b.t.Helper()
	b.do("type into "+selector, chromedp.WaitVisible(selector), chromedp.SendKeys(selector, text))
}

// Gone waits until the CSS selector finds nothing any more.
func (b *Browser) Gone(selector string) {
	b.t.Helper()
	b.do("wait for the end of "+selector, chromedp.WaitNotPresent(selector))
}

// Text returns all that the page shows.
func (b *Browser) Text() string {
	b.t.Helper()
	return eval[string](b, `document.body.innerText`)
}

// Query returns the text in GraphiQL's editor.
func (b *Browser) Query() string {
	b.t.Helper()
	return eval[string](b, queryEditor+`.getValue()`)
}

// Storage returns all that the page keeps in the browser: both storages and the cookies, as one text.
func (b *Browser) Storage() string {
	b.t.Helper()
	return eval[string](b, `JSON.stringify({...localStorage, ...sessionStorage}) + document.cookie`)
}

// Screenshot writes what the window shows to a PNG file.
func (b *Browser) Screenshot(path string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
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
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v\nconsole: %q", what, err, b.ConsoleErrors())
	}
}

// eval evaluates an expression in the page. In it, until(f) waits for f to return something true and has that value.
func eval[T any](b *Browser, expression string) T {
	b.t.Helper()
	const until = `var until = async (ready) => {
		for (;;) {
			const value = ready();
			if (value) return value;
			await new Promise((next) => setTimeout(next, 20));
		}
	};`
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](until+expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("evaluate %s: %v\nconsole: %q", expression, err, b.ConsoleErrors())
	}
	return value
}
