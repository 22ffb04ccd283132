package auth

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

const (
	// hashCost makes a compare take about a quarter of a second of one core.
	hashCost = 12
	// maxHashCost keeps a login under some seconds: each step doubles it, and the highest cost there is, 31, takes days.
	maxHashCost = 16
	// maxPasswordBytes is all that bcrypt looks at.
	maxPasswordBytes = 72
)

var (
	errEmptyPassword = errors.New("password is empty")
	errLongPassword  = fmt.Errorf("password is longer than %d bytes", maxPasswordBytes)
	errNULPassword   = errors.New("password contains a NUL byte")
	errNotBcrypt     = errors.New("not a bcrypt hash, which starts with $2a$, $2b$ or $2y$ and has 60 characters")
	errHashCost      = fmt.Errorf("bcrypt cost is not between %d and %d", bcrypt.MinCost, maxHashCost)
)

var bcryptHash = regexp.MustCompile(`^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$`)

// HashPassword returns the bcrypt hash of a password, as API_PASSWORD_HASH and users files want it. It refuses an empty
// password, one over 72 bytes and one with a NUL byte, which no login would accept.
func HashPassword(password string) (string, error) {
	if err := checkPassword(password); err != nil {
		return "", err
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), hashCost)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return string(hash), nil
}

// CheckHash reports why a configured hash cannot be used: it is no bcrypt hash, or its cost is beyond all use.
func CheckHash(hash string) error {
	if !bcryptHash.MatchString(hash) {
		return errNotBcrypt
	}
	if cost, err := bcrypt.Cost([]byte(hash)); err != nil || cost > maxHashCost {
		return errHashCost
	}
	return nil
}

// checkPassword guards both hashing and comparing. bcrypt's compare ignores what follows the 72nd byte, and repeats the
// password with a NUL after each turn, so that "a" and "a\x00a" are one password to it.
func checkPassword(password string) error {
	switch {
	case password == "":
		return errEmptyPassword
	case len(password) > maxPasswordBytes:
		return errLongPassword
	case strings.Contains(password, "\x00"):
		return errNULPassword
	}
	return nil
}
