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

// maxUsernameBytes ensures that a token with any username fits into maxTokenBytes.
const maxUsernameBytes = 255

var (
	errNoUsers       = errors.New("there are no users")
	errUsername      = fmt.Errorf("username must be 1 to %d bytes of printable text without a colon", maxUsernameBytes)
	errDuplicateUser = errors.New("username is already taken")
)

// User is an account that may log in.
type User struct {
	Username     string
	PasswordHash string `json:"-"`
	// Scopes are the permissions of the user. [ScopeRead] is always included.
	Scopes []Scope
}

// String returns the username, so that printing a user does not reveal the hash.
func (u User) String() string { return u.Username }

// Users is an immutable set of users; [Service.SetUsers] replaces it. It is safe for concurrent
// use.
//
// All hashes should have the same cost. Every login takes as long as the costliest hash, so that
// its duration does not reveal whether the user exists.
type Users struct {
	byName map[string]User
	// dummies are hashes that no password matches, indexed by cost. Logins of unknown users compare
	// with the last one, which has the highest cost.
	dummies     [][]byte
	costsDiffer bool
	lowestCost  int
}

// NewUsers returns a set of at least one user. Its error joins all mistakes, each with the position
// of the user, counted from 1.
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
	set.costsDiffer, set.lowestCost = lowest != highest, lowest
	if set.dummies, err = newDummies(highest); err != nil {
		return nil, err
	}
	return set, nil
}

// add adds a valid user to the set. It returns everything that is wrong with an invalid one.
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

// newDummies returns a hash for each cost up to highest, indexed by cost.
//
// The hashes must be well-formed, because bcrypt rejects others at once. Only one is computed, of a
// random password. The others are copies that claim another cost, so no password matches them.
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

// costsOf returns the lowest and the highest cost of the users' hashes, which must be valid.
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

// CostsDiffer reports whether the hashes have different costs. If so, every login takes as long as
// the costliest hash.
func (u *Users) CostsDiffer() bool { return u.costsDiffer }

// HasCheapHash reports whether a hash has a cost under 10. An attacker who has read such a hash
// guesses its password several times as fast.
func (u *Users) HasCheapHash() bool { return u.lowestCost < minSafeCost }

// padHashes returns further hashes to compare a password with, so that every login takes as long as
// the costliest hash. Each cost doubles the time of the one below, so comparing at the costs
// c, c, c+1, …, h-1 takes as long as comparing at h.
func (u *Users) padHashes(hash []byte) [][]byte {
	cost, err := bcrypt.Cost(hash)
	if err != nil || cost >= len(u.dummies) {
		return nil // impossible for a valid hash
	}
	return u.dummies[cost : len(u.dummies)-1]
}

// hashOf returns the hash to compare a password with, and whether the user exists.
func (u *Users) hashOf(username string) (hash []byte, known bool) {
	user, known := u.byName[username]
	if !known {
		return u.dummies[len(u.dummies)-1], false
	}
	return []byte(user.PasswordHash), true
}

// auditName returns the username of a user, or [unknownUser]. It does the same lookup whatever the
// outcome of the login, so that its duration reveals nothing.
func (u *Users) auditName(username string) string {
	if _, known := u.byName[username]; !known {
		return unknownUser
	}
	return username
}

// ParseUsersFile reads htpasswd lines with bcrypt hashes. An optional third field lists scopes:
//
//	ana:$2y$12$…
//	bot:$2y$12$…:read,support
//
// A user without a third field gets [ScopeRead]. Blank lines and lines that start with # are
// skipped. The error joins all mistakes by line number and does not quote the lines.
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
	if name == "" || len(name) > maxUsernameBytes || !utf8.ValidString(name) ||
		strings.ContainsFunc(name, unprintable) {
		return errUsername
	}
	return nil
}

// mistakes collects the errors in a list, so that the operator can correct all of them at once.
type mistakes []error

// add appends the errors that are not nil, each with its position.
func (m *mistakes) add(place string, number int, errs ...error) {
	for _, err := range errs {
		if err != nil {
			*m = append(*m, fmt.Errorf("%s %d: %w", place, number, err))
		}
	}
}
