package auth

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"
)

// maxUsernameBytes leaves room for every username in a token, which is limited too.
const maxUsernameBytes = 255

var (
	errNoUsers       = errors.New("there are no users")
	errUsername      = fmt.Errorf("username is not 1 to %d bytes of printable text without a colon", maxUsernameBytes)
	errDuplicateUser = errors.New("username is already taken")
)

// User is somebody who may log in.
type User struct {
	Username     string
	PasswordHash string `json:"-"`
	// Scopes are what the user may do; none means [ScopeRead] alone.
	Scopes []Scope
}

// String returns the username, so that printing a user does not print the hash.
func (u User) String() string { return u.Username }

// Users is a fixed set of users who may log in; [Service.SetUsers] replaces it whole. It is safe for concurrent use.
//
// Give all of them hashes of one cost: every login takes as long as the costliest hash, so that nobody's shows by its time that
// its user exists.
type Users struct {
	byName map[string]User
	// dummies are hashes of nobody's password, by cost. With the last, the costliest, the password of an unknown user is compared.
	dummies     [][]byte
	costsDiffer bool
}

// NewUsers returns the set of these users, of whom there must be at least one. All mistakes are reported together, by the
// user's position counted from 1.
func NewUsers(users ...User) (*Users, error) {
	if len(users) == 0 {
		return nil, errNoUsers
	}
	set := &Users{byName: make(map[string]User, len(users))}
	var found mistakes
	for i, user := range users {
		found.add("user", i+1, set.add(user)...)
	}
	if err := errors.Join(found...); err != nil {
		return nil, err
	}
	lowest, highest, err := costsOf(users)
	if err != nil {
		return nil, err
	}
	set.costsDiffer = lowest != highest
	if set.dummies, err = newDummies(highest); err != nil {
		return nil, err
	}
	return set, nil
}

// add takes the user into the set, unless something is wrong with it.
func (u *Users) add(user User) (wrong []error) {
	for _, err := range []error{checkUsername(user.Username), CheckHash(user.PasswordHash)} {
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	if _, taken := u.byName[user.Username]; taken {
		wrong = append(wrong, errDuplicateUser)
	}
	if wrong != nil {
		return wrong
	}
	user.Scopes = intersection(append([]Scope{ScopeRead}, user.Scopes...), AllScopes())
	u.byName[user.Username] = user
	return nil
}

// newDummies returns a hash for each cost from the lowest there is to the highest of a user, by cost, of a password that nobody
// knows. One is made, and the cost that the others name is another: so nobody's is found by any password, and none takes time to
// make. They have to be well-formed: bcrypt refuses others at once, and so tells an unknown user by the time.
func newDummies(highest int) ([][]byte, error) {
	made, err := bcrypt.GenerateFromPassword([]byte(rand.Text()), bcrypt.MinCost)
	if err != nil {
		return nil, fmt.Errorf("make dummy hash: %w", err)
	}
	dummies := make([][]byte, highest+1)
	for cost := bcrypt.MinCost; cost <= highest; cost++ {
		dummies[cost] = fmt.Appendf(nil, "%s%02d%s", made[:4], cost, made[6:])
	}
	return dummies, nil
}

// costsOf returns the lowest and the highest cost of the users' hashes, which have been checked.
func costsOf(users []User) (lowest, highest int, err error) {
	lowest, highest = maxHashCost, bcrypt.MinCost
	for _, user := range users {
		cost, err := bcrypt.Cost([]byte(user.PasswordHash))
		if err != nil {
			return 0, 0, fmt.Errorf("read cost of a hash: %w", err)
		}
		lowest, highest = min(lowest, cost), max(highest, cost)
	}
	return lowest, highest, nil
}

// CostsDiffer reports whether the hashes are not all of one cost. Every login then takes as long as the costliest of them.
func (u *Users) CostsDiffer() bool { return u.costsDiffer }

// padding returns what else to compare a password with, so that every login costs as much as the costliest hash: each cost is
// twice the one before, so that c and c, c+1, …, h-1 together are h.
func (u *Users) padding(hash []byte) [][]byte {
	cost, err := bcrypt.Cost(hash)
	if err != nil || cost >= len(u.dummies) {
		return nil // not for a hash that was checked
	}
	return u.dummies[cost : len(u.dummies)-1]
}

// hashOf returns what to compare a user's password with, and whether the user exists.
func (u *Users) hashOf(username string) (hash []byte, known bool) {
	user, known := u.byName[username]
	if !known {
		return u.dummies[len(u.dummies)-1], false
	}
	return []byte(user.PasswordHash), true
}

// auditName returns the username if there is such a user. It looks everybody up in the same way, whatever came of the login,
// so that its speed tells nothing.
func (u *Users) auditName(username string) string {
	if _, known := u.byName[username]; !known {
		return unknownUser
	}
	return username
}

// ParseUsersFile reads htpasswd lines with bcrypt hashes, and an optional third field that lists scopes:
//
//	ana:$2y$12$…
//	bot:$2y$12$…:read,support
//
// A user without a third field may only read. Blank lines and lines that start with # are skipped. All mistakes are
// reported together by line number, without what the line says.
func ParseUsersFile(file io.Reader) ([]User, error) {
	var users []User
	var found mistakes
	set := &Users{byName: make(map[string]User)}
	lines := bufio.NewScanner(file)
	number := 0
	for lines.Scan() {
		number++
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		user, err := parseUser(line)
		found.add("line", number, append(set.add(user), err)...)
		users = append(users, user)
	}
	found.add("line", number+1, lines.Err())
	if err := errors.Join(found...); err != nil {
		return nil, err
	}
	return users, nil
}

func parseUser(line string) (User, error) {
	name, rest, _ := strings.Cut(line, ":")
	hash, list, hasScopes := strings.Cut(rest, ":")
	user := User{Username: name, PasswordHash: hash, Scopes: []Scope{ScopeRead}}
	if !hasScopes {
		return user, nil
	}
	var err error
	user.Scopes, err = ParseScopes(list)
	return user, err
}

func checkUsername(name string) error {
	unprintable := func(r rune) bool { return r == ':' || !unicode.IsPrint(r) }
	if name == "" || len(name) > maxUsernameBytes || !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable) {
		return errUsername
	}
	return nil
}

// mistakes collects what is wrong in a list, so that all of it can be mended at once.
type mistakes []error

// add notes the errors that are not nil, with the place where they were made.
func (m *mistakes) add(place string, number int, errs ...error) {
	for _, err := range errs {
		if err != nil {
			*m = append(*m, fmt.Errorf("%s %d: %w", place, number, err))
		}
	}
}
