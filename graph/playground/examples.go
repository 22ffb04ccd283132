package playground

import "strings"

// Example is a query that the page offers.
type Example struct {
	Name  string `json:"name"`  // as the menu shows it
	Query string `json:"query"` // a document with one operation, ready to run without variables
}

// Examples returns the files of the folder examples in the order of their names. The first line of a file, a comment,
// is the example's name.
func Examples() []Example {
	var examples []Example
	for _, file := range mustGlob("examples/*.graphql") {
		comment, query, _ := strings.Cut(string(mustRead(file)), "\n")
		examples = append(examples, Example{Name: strings.TrimPrefix(comment, "# "), Query: query})
	}
	return examples
}
