package main

import (
	"slices"

	"wisphub-graphql/auth/leaktest"
	"wisphub-graphql/wisphub/wisphubtest"
)

const (
	testSigningKey = "0123456789abcdefghijklmnopqrstuvwxyz"
	testPassword   = "a password"
)

// spills watches for the secrets of all tests here. No log and no answer may hold one, in whatever test. What a caller sends is
// not among them: a mistake in a document is told in the document's words.
var spills = leaktest.New(append([]string{wisphubtest.Key, testSigningKey, testPassword},
	slices.DeleteFunc(slices.Clone(canaries), func(canary string) bool { return canary == canarySent })...)...)
