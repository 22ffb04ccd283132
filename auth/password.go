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
	// minSafeCost is what OWASP advises as the least.
	minSafeCost = 10
	// maxHashCost keeps a compare within seconds. Each step doubles the time; cost 31 takes days.
	maxHashCost = 16
	// maxPasswordBytes is the limit of bcrypt, which ignores all further bytes.
	maxPasswordBytes = 72
)

var (
	errEmptyPassword = errors.New("password is empty")
	errLongPassword  = fmt.Errorf("password exceeds the maximum of %d bytes", maxPasswordBytes)
	errNULPassword   = errors.New("password contains a NUL byte")
	errNotBcrypt     = errors.New("not a bcrypt hash: want 60 characters that start with $2a$, $2b$ or $2y$")
	errHashCost      = fmt.Errorf("bcrypt cost must be between %d and %d", bcrypt.MinCost, maxHashCost)
)

var bcryptHash = regexp.MustCompile(`^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$`)

// HashPassword returns the bcrypt hash of a password, in the form that API_PASSWORD_HASH and users
// files expect. It rejects passwords that no login accepts: empty ones, those over 72 bytes and
// those with a NUL byte.
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

// CheckHash returns an error if the hash is not a bcrypt hash or its cost is over 16. The error
// does not contain the hash.
func CheckHash(hash string) error {
	if !bcryptHash.MatchString(hash) {
		return errNotBcrypt
	}
	if cost, err := bcrypt.Cost([]byte(hash)); err != nil || cost > maxHashCost {
		return errHashCost
	}
	return nil
}

// checkPassword applies to hashing and comparing alike. When comparing, bcrypt ignores bytes after
// the 72nd. It also repeats the password with a NUL in between: "a" equals "a\x00a".
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
