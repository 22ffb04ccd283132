package documenttest

import (
	"fmt"
	"strings"
)

// Permitted returns documents just within the limits, by name. They must be cheap, too. Those with a
// Code are invalid for another reason.
func Permitted() map[string]Bomb {
	const ok, invalid = "", "GRAPHQL_VALIDATION_FAILED"
	inClient := func(text string) string { return `{client(by:{serviceId:26}){` + text + `}}` }
	return map[string]Bomb{
		"most repeats, valid":       {Document: inClient(strings.Repeat("otherServices{name document phone status balance plan{name}}", 20)), Code: ok},
		"most names, unknown":       {Document: inClient(Numbered("a%d ", 1900)), Code: invalid},
		"most repeats of all names": {Document: inClient(strings.Repeat(Numbered("a%d ", 95), 20)), Code: invalid},
		"most repeats, nested":      {Document: inClient(strings.Repeat("otherServices{"+Numbered("a%d ", 90)+"}", 20)), Code: invalid},
		"most repeats by fragments": {Document: inClient(strings.Repeat("otherServices{...F}", 20)) + ` fragment F on Client{` + Numbered("a%d ", 90) + `}`, Code: invalid},
		"most repeats of arguments": {Document: "{" + strings.Repeat("clients("+Numbered("a%d:1 ", 62)+"){totalCount}", 10) + "}", Code: invalid},
		"most inline fragments":     {Document: inClient(strings.Repeat(strings.Repeat("...{", 45)+"name"+strings.Repeat("}", 45), 8)), Code: ok},
		"deepest value":             {Document: `{clients(first:` + strings.Repeat("[", 10) + "1" + strings.Repeat("]", 10) + `){totalCount}}`, Code: invalid},
		"long chain":                {Document: inClient("...F0") + manyNames(40, 1), Code: invalid},
		"chain of many names":       {Document: inClient("...F0") + manyNames(8, 38), Code: invalid},
		"two long chains":           {Document: inClient("...F0 ...G0") + manyNames(24, 1) + strings.ReplaceAll(manyNames(24, 1), "F", "G"), Code: invalid},
		"side by side":              {Document: inClient(Numbered("...F%d ", 19)) + Numbered(" fragment F%d on Client{"+Numbered("a%d ", 45)+"}", 19), Code: invalid},
	}
}

// manyNames returns a chain of n fragments with different fields.
func manyNames(n, fields int) string {
	var document strings.Builder
	for i := range n {
		fmt.Fprintf(&document, " fragment F%d on Client{%s ...F%d}", i, Numbered(fmt.Sprintf("a%d_%%d ", i), fields), i+1)
	}
	fmt.Fprintf(&document, " fragment F%d on Client{name}", n)
	return document.String()
}

// Numbered repeats a format with the numbers from 0 to n-1.
func Numbered(format string, n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, format, i)
	}
	return text.String()
}

// quote returns a text as JSON.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text) + `"`
}
