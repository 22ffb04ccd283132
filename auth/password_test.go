package auth

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// hashOf returns a hash of the password with the minimum cost, which is fast to compare.
func hashOf(t testing.TB, password string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}

func TestHashPassword(t *testing.T) {
	t.Parallel()
	password := strings.Repeat("ñ", 36) // 72 bytes, the limit of bcrypt
	hash, err := HashPassword(password)
	if err != nil {
		t.Fatalf("HashPassword(72 bytes) = %v", err)
	}
	if err := CheckHash(hash); err != nil {
		t.Errorf("CheckHash(HashPassword(…)) = %v, want nil", err)
	}
	if cost, _ := bcrypt.Cost([]byte(hash)); cost != 12 {
		t.Errorf("cost of HashPassword(…) = %d, want 12", cost)
	}
	if err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)); err != nil {
		t.Errorf("CompareHashAndPassword(HashPassword(…)) = %v, want nil", err)
	}
}

func TestHashPassword_Invalid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, password string
		want           error
	}{
		{"empty", "", errEmptyPassword},
		{"73 bytes", strings.Repeat("a", 73), errLongPassword},
		{"37 letters of two bytes", strings.Repeat("ñ", 37), errLongPassword},
		{"NUL", "before\x00after", errNULPassword},
	} {
		if hash, err := HashPassword(test.password); !errors.Is(err, test.want) || hash != "" {
			t.Errorf("HashPassword(%s) = %q, %v, want %v", test.name, hash, err, test.want)
		}
	}
}

func TestCheckHash(t *testing.T) {
	t.Parallel()
	const rest = "$" + "abcdefghijklmnopqrstuv" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ./012"
	for _, test := range []struct {
		hash string
		want error
	}{
		{"$2a$04" + rest, nil},
		{"$2b$12" + rest, nil},
		{"$2y$16" + rest, nil},
		{"$2y$17" + rest, errHashCost},
		{"$2y$31" + rest, errHashCost},
		{"$2y$32" + rest, errHashCost},
		{"$2y$03" + rest, errHashCost},
		{"", errNotBcrypt},
		{"$2$12" + rest, errNotBcrypt},
		{"$2x$12" + rest, errNotBcrypt},
		{"$2y$+5" + rest, errNotBcrypt},
		{"$2y$12" + rest[:53], errNotBcrypt},
		{"$2y$12" + rest + "x", errNotBcrypt},
		{"$2y$12" + rest + "\n", errNotBcrypt},
		{" $2y$12" + rest, errNotBcrypt},
		{"$2y$12" + strings.Replace(rest, ".", "=", 1), errNotBcrypt},
		{"b$12" + rest, errNotBcrypt}, // what remains after a shell expands "$2y"
		{"$apr1$12345678$1234567890123456789012", errNotBcrypt},
		{"{SHA}0123456789012345678901234567", errNotBcrypt},
		{"demo", errNotBcrypt},
	} {
		err := CheckHash(test.hash)
		if !errors.Is(err, test.want) {
			t.Errorf("CheckHash(%q) = %v, want %v", test.hash, err, test.want)
		}
		if err != nil && test.hash != "" && strings.Contains(err.Error(), test.hash) {
			t.Errorf("CheckHash(%q) = %v, want an error without the hash", test.hash, err)
		}
	}
}
