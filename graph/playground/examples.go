package playground

import "strings"

// Example is a query in the page's menu.
type Example struct {
	Name  string `json:"name"`  // text of the menu entry
	Query string `json:"query"` // a document with one operation and no variables
}

// Examples returns the files of the directory examples, sorted by file name. The first line of each
// file is a comment with the example's name.
func Examples() []Example {
	var examples []Example
	for _, file := range mustGlob("examples/*.graphql") {
		comment, query, _ := strings.Cut(string(mustRead(file)), "\n")
		examples = append(examples, Example{Name: strings.TrimPrefix(comment, "# "), Query: query})
	}
	return examples
}
