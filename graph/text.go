package graph

import "wisphub-graphql/isp"

// optional is a text as resolvers return it: nil where there is none.
func optional(text isp.Text) *string {
	if text == "" {
		return nil
	}
	return (*string)(&text)
}
