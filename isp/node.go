package isp

import (
	"strconv"
	"strings"

	"wisphub-graphql/isp/text"
)

// Text is an upstream text. The empty one is null in GraphQL.
type Text = text.OrNull

// Node is a record with a globally unique id. gqlgen requires the method's name.
type Node interface{ IsNode() }

func nodeID(kind string, id int) string { return kind + ":" + strconv.Itoa(id) }

// ParseNodeID splits an id such as client:26 into its type and its key. It does not check the key,
// whose format depends on the type. The error is an [*InputError].
func ParseNodeID(id string) (kind, key string, err error) {
	kind, key, found := strings.Cut(id, ":")
	if !found || kind == "" || key == "" {
		return "", "", invalid("must be an id of this API, such as client:26", "id")
	}
	return kind, key, nil
}

// ParseKey reads the key of a type whose key is a number: client, plan, zone and others. The
// error is an [*InputError].
func ParseKey(key string) (int, error) {
	number, err := strconv.ParseInt(key, 10, 32)
	if err != nil || number < 1 || strconv.FormatInt(number, 10) != key {
		return 0, invalid("must have a positive number after the colon", "id")
	}
	return int(number), nil
}

// ErrNodeKind is the [*InputError] for an id whose type this API does not have.
var ErrNodeKind error = &InputError{Field: []string{"id"}, Message: "must be of a type that can be looked up"}
