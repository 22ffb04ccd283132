package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"wisphub-graphql/graph/document/documenttest"
)

// graphqlBody returns the body of a request.
func graphqlBody(document string) string {
	body, err := json.Marshal(map[string]string{"query": document})
	if err != nil {
		panic(err) // a map of strings can always be marshaled
	}
	return string(body)
}

// greedyFields are 22 fields of a client.
const greedyFields = "id serviceId username name document email phone address locality city status invoiceStatus balance " +
	"planPrice discount cutOffDate installedAt updatedAt ip macAddress comments asOf"

// greedyQuery asks for some lists of clients with many fields.
func greedyQuery(lists, rows int) string {
	var document strings.Builder
	document.WriteString("{")
	for n := range lists {
		fmt.Fprintf(&document, "a%d:clients(first:%d){nodes{...F}}", n, rows)
	}
	return document.String() + "} fragment F on Client{" + greedyFields + "}"
}

// largeDocument returns a document of 11 kB with a syntax tree that is as large as the limits
// allow. Each number gives another document.
func largeDocument(number int) string {
	const scalars = "serviceId username name document email phone phones address locality city status invoiceStatus balance " +
		"planPrice discount cutOffDate installedAt cancelledAt updatedAt ip localIp macAddress lanInterface onuSerial comments asOf id "
	const repeats = 20 // of one name in one object
	fields := strings.Repeat(scalars, repeats)
	return fmt.Sprintf("query Q%d{clients(first:1){nodes{%s otherServices{%s}} edges{node{%s}}}}",
		number, fields, fields, strings.Repeat(scalars, repeats/2))
}

// refusedBodies returns the bodies of documents that must be refused, up to a size.
func refusedBodies(maxBytes int) []string {
	bombs := documenttest.Bombs()
	var bodies []string
	for _, name := range slices.Sorted(maps.Keys(bombs)) {
		if body := bombs[name].Body(); len(body) <= maxBytes {
			bodies = append(bodies, body)
		}
	}
	return bodies
}
