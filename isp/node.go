package isp

import (
	"strconv"
	"strings"
	"wisphub-graphql/isp/text"
)

// Text is a string that is absent when empty.
type Text = text.OrNull

// Node is anything with a globally unique id.
//
// The name of its only method is what gqlgen gives to the types that it generates itself.
type Node interface{ IsNode() }

func nodeID(kind string, id int) string { return kind + ":" + strconv.Itoa(id) }

// ParseNodeID splits an id such as client:26 into its type and its key. Every type's own look-up judges the key.
func ParseNodeID(id string) (kind, key string, err error) {
	kind, key, found := strings.Cut(id, ":")
	if !found || kind == "" || key == "" {
		return "", "", invalid("is no id of this API, which look like client:26", "id")
	}
	return kind, key, nil
}

// ParseKey reads the number in the id of a client, plan, zone …
func ParseKey(key string) (int, error) {
	number, err := strconv.ParseInt(key, 10, 32)
	if err != nil || number < 1 || strconv.FormatInt(number, 10) != key {
		return 0, invalid("has no number after the colon", "id")
	}
	return int(number), nil
}

// ErrNodeKind: the id is of a type that this API does not have.
var ErrNodeKind error = &InputError{Field: []string{"id"}, Message: "is of no type that can be looked up"}
