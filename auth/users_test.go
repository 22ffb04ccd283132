package auth

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/crypto/bcrypt"
)

// newUsers returns a set of the users.
func newUsers(t testing.TB, users ...User) *Users {
	t.Helper()
	set, err := NewUsers(users...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestNewUsers_ReportsAllMistakes(t *testing.T) {
	t.Parallel()
	hash := hashOf(t, "secret")
	_, err := NewUsers(
		User{Username: "ana", PasswordHash: hash},
		User{Username: "", PasswordHash: hash},
		User{Username: "eva", PasswordHash: "plain-secret"},
		User{Username: "a:b", PasswordHash: "plain-secret"},
		User{Username: "ana", PasswordHash: hash},
		User{Username: "tab\t", PasswordHash: hash},
		User{Username: "\xff", PasswordHash: hash},
		User{Username: strings.Repeat("a", 256), PasswordHash: hash},
	)
	want := strings.Join([]string{
		"user 2: " + errUsername.Error(),
		"user 3: " + errNotBcrypt.Error(),
		"user 4: " + errUsername.Error(),
		"user 4: " + errNotBcrypt.Error(),
		"user 5: " + errDuplicateUser.Error(),
		"user 6: " + errUsername.Error(),
		"user 7: " + errUsername.Error(),
		"user 8: " + errUsername.Error(),
	}, "\n")
	if err == nil || err.Error() != want {
		t.Errorf("NewUsers = %v, want\n%s", err, want)
	}
}

func TestNewUsers_Empty(t *testing.T) {
	t.Parallel()
	if users, err := NewUsers(); !errors.Is(err, errNoUsers) || users != nil {
		t.Errorf("NewUsers() = %v, %v, want %v", users, err, errNoUsers)
	}
}

func TestNewUsers_AllHaveREAD(t *testing.T) {
	t.Parallel()
	hash := hashOf(t, "secret")
	users := newUsers(t,
		User{Username: "none", PasswordHash: hash},
		User{Username: "operator", PasswordHash: hash, Scopes: []Scope{ScopeOperate}},
		User{Username: "unknown", PasswordHash: hash, Scopes: []Scope{"ROOT"}},
	)
	for name, want := range map[string][]Scope{
		"none":     {ScopeRead},
		"operator": {ScopeRead, ScopeOperate},
		"unknown":  {ScopeRead},
	} {
		if got := users.byName[name].Scopes; !slices.Equal(got, want) {
			t.Errorf("scopes of %s = %v, want %v", name, got, want)
		}
	}
}

func TestUsers_DummyHasTheHighestCost(t *testing.T) {
	t.Parallel()
	costly, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost+2)
	if err != nil {
		t.Fatal(err)
	}
	users := newUsers(t,
		User{Username: "ana", PasswordHash: hashOf(t, "secret")},
		User{Username: "eva", PasswordHash: string(costly)},
		User{Username: "leo", PasswordHash: hashOf(t, "secret")},
	)
	dummy, _ := users.hashOf("unknown")
	if err := CheckHash(string(dummy)); err != nil {
		t.Fatalf("CheckHash(dummy) = %v, want nil: bcrypt rejects a malformed hash at once", err)
	}
	if cost, _ := bcrypt.Cost(dummy); cost != bcrypt.MinCost+2 {
		t.Errorf("cost of the dummy = %d, want %d", cost, bcrypt.MinCost+2)
	}
	if err := bcrypt.CompareHashAndPassword(dummy, nil); !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		t.Errorf("CompareHashAndPassword(dummy) = %v, want a mismatch after a full compare", err)
	}
}

// TestLogin_TakesEqualTime: the login of a user with a cheap hash compares with dummies as well.
func TestLogin_TakesEqualTime(t *testing.T) {
	t.Parallel()
	costly, err := bcrypt.GenerateFromPassword([]byte("secret"), bcrypt.MinCost+3)
	if err != nil {
		t.Fatal(err)
	}
	cheap := User{Username: "ana", PasswordHash: hashOf(t, "secret")}
	users := newUsers(t, cheap, User{Username: "eva", PasswordHash: string(costly)})
	if one, two := newUsers(t, cheap).CostsDiffer(), users.CostsDiffer(); one || !two {
		t.Errorf("CostsDiffer with one cost, two costs = %t, %t, want false, true", one, two)
	}
	service := NewService(users, newTokens(t, TokenConfig{}), nil)
	effort := 0
	service.compare = func(hash, password []byte) error {
		cost, err := bcrypt.Cost(hash)
		if err != nil {
			t.Error(err)
		}
		effort += 1 << cost
		return bcrypt.CompareHashAndPassword(hash, password)
	}
	for _, login := range []struct {
		name, password string
		want           error
	}{
		{"ana", "wrong", ErrBadCredentials},
		{"eva", "wrong", ErrBadCredentials},
		{"zoe", "wrong", ErrBadCredentials},
		{"ana", "secret", nil},
		{"eva", "secret", nil},
	} {
		effort = 0
		wantLogin(t, service, "", login.name, login.password, login.want)
		if effort != 1<<(bcrypt.MinCost+3) {
			t.Errorf("rounds of Login(%s) = %d, want %d", login.name, effort, 1<<(bcrypt.MinCost+3))
		}
	}
}

func TestUser_PrintsNoHash(t *testing.T) {
	t.Parallel()
	user := User{Username: "ana", PasswordHash: "some-hash"}
	for _, text := range []string{fmt.Sprint(user), fmt.Sprintf("%+v", []User{user})} {
		if strings.Contains(text, "some-hash") {
			t.Errorf("Sprint(user) = %q, want no hash", text)
		}
	}
}

func TestParseUsersFile(t *testing.T) {
	t.Parallel()
	hash := "$2y" + hashOf(t, "secret")[3:] // the prefix that htpasswd writes
	file := "# users\n\nana:" + hash + "\r\n  bot:" + hash + ":read,support\n\t# eva left\nlou maría:" + hash + ":ADMIN"
	got, err := ParseUsersFile(strings.NewReader(file))
	if err != nil {
		t.Fatalf("ParseUsersFile = %v", err)
	}
	want := []User{
		{Username: "ana", PasswordHash: hash, Scopes: []Scope{ScopeRead}},
		{Username: "bot", PasswordHash: hash, Scopes: []Scope{ScopeRead, ScopeSupport}},
		{Username: "lou maría", PasswordHash: hash, Scopes: []Scope{ScopeRead, ScopeAdmin}},
	}
	same := func(a, b User) bool {
		return a.Username == b.Username && a.PasswordHash == b.PasswordHash && slices.Equal(a.Scopes, b.Scopes)
	}
	if !slices.EqualFunc(got, want, same) {
		t.Errorf("ParseUsersFile = %q, want %q", got, want)
	}
}

func TestParseUsersFile_ReportsAllMistakes(t *testing.T) {
	t.Parallel()
	hash := hashOf(t, "secret")
	file := strings.Join([]string{
		"ana:" + hash,
		"nocolon",
		"eva:$apr1$12345678$1234567890123456789012",
		"ana:" + hash,
		"bot:" + hash + ":read,secret-word",
		":" + hash + ":",
	}, "\n")
	users, err := ParseUsersFile(strings.NewReader(file))
	want := strings.Join([]string{
		"line 2: " + errNotBcrypt.Error(),
		"line 3: " + errNotBcrypt.Error(),
		"line 4: " + errDuplicateUser.Error(),
		"line 5: scope 2: " + errUnknownScope.Error(),
		"line 6: " + errUsername.Error(),
		"line 6: scope 1: " + errUnknownScope.Error(),
	}, "\n")
	if err == nil || err.Error() != want || users != nil {
		t.Errorf("ParseUsersFile = %v, %v, want\n%s", users, err, want)
	}
}

func TestParseUsersFile_Unreadable(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]io.Reader{
		"broken":    iotest.ErrReader(io.ErrUnexpectedEOF),
		"long line": strings.NewReader(strings.Repeat("a", 1<<17)),
	} {
		if users, err := ParseUsersFile(file); err == nil {
			t.Errorf("ParseUsersFile(%s) = %v, want an error", name, users)
		}
	}
}

func FuzzParseUsersFile(f *testing.F) {
	const hash = "$2y$04$abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ./012"
	f.Add("ana:" + hash + "\n# x\nbot:" + hash + ":read,admin\r\n")
	f.Add("ana:" + hash + "\nana:" + hash)
	f.Add("ana:" + hash + ":" + hash + "\n:::\n\x00")
	f.Fuzz(func(t *testing.T, file string) {
		users, err := ParseUsersFile(strings.NewReader(file))
		if err != nil {
			if users != nil || strings.Contains(err.Error(), hash) {
				t.Fatalf("ParseUsersFile(%q) = %v, %v, want no users and no hash in the error", file, users, err)
			}
			return
		}
		set := &Users{byName: make(map[string]User)}
		for _, user := range users {
			if wrong := set.add(user); wrong != nil || !grants(user.Scopes, ScopeRead) {
				t.Fatalf("ParseUsersFile(%q) accepted user %q with scopes %v, want an error: %v", file, user, user.Scopes, wrong)
			}
		}
	})
}

func Test15_Small_CheapHash(t *testing.T) {
	t.Parallel()
	hash := func(cost string) User {
		return User{Username: "cost " + cost, PasswordHash: "$2y$" + cost + "$" + strings.Repeat("a", 53)}
	}
	for _, test := range []struct {
		users []User
		want  bool
	}{
		{[]User{hash("04")}, true}, {[]User{hash("09")}, true}, {[]User{hash("10")}, false}, {[]User{hash("12"), hash("09")}, true},
	} {
		if got := newUsers(t, test.users...).HasCheapHash(); got != test.want {
			t.Errorf("HasCheapHash of %v = %t, want %t", test.users, got, test.want)
		}
	}
}
