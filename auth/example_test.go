package auth_test

import (
	"fmt"
	"strings"

	"wisphub-graphql/auth"
)

func ExampleParseUsersFile() {
	const file = `
# htpasswd -nbB -C 12 ana …
ana:$2y$12$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ./012:read,support
bot:$2y$12$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ./012
eva:md5
`
	_, err := auth.ParseUsersFile(strings.NewReader(file))
	fmt.Println(err)
	// Output: line 5: not a bcrypt hash: want 60 characters that start with $2a$, $2b$ or $2y$
}
