package isp

import (
	"errors"
	"math"
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
	number, ok := ParseID(key)
	if !ok || key[0] == '0' || key[0] == '+' {
		return 0, invalid("must have a positive number after the colon", "id")
	}
	return number, nil
}

// ParseID reads a positive number. One that is too large for an int becomes the largest int, which
// is the id of nothing.
func ParseID(text string) (id int, ok bool) {
	id, err := strconv.Atoi(text)
	if id < 1 || err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return id, true
}

// isID reports whether a record of WispHub can have the id. WispHub's ids have 32 bits, so other
// ids are not found without a call.
func isID(id int) bool { return id >= 1 && id <= math.MaxInt32 }

// ErrNodeKind is the [*InputError] for an id whose type this API does not have.
var ErrNodeKind error = &InputError{Field: []string{"id"}, Message: "must be of a type that can be looked up"}
