package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"wisphub-graphql/bench/launch"
)

const (
	adminUser = "admin"
	password  = "a-password-of-bench-speed"

	// The limits leave room for a refresh a second of 60,000 clients.
	minuteLimit = 10_000
	hourLimit   = 100_000
)

// startFacade starts the built facade with its users in a new folder of dir, and logs them in.
func startFacade(o options, name, dir string, wisphub *launch.Process, settings ...string) (*server, error) {
	dir, err := os.MkdirTemp(dir, "facade-")
	if err != nil {
		return nil, err
	}
	users := filepath.Join(dir, "users")
	if err := writeUsers(users, o.users); err != nil {
		return nil, err
	}
	address, err := launch.FreeAddress()
	if err != nil {
		return nil, err
	}
	env := (&launch.Upstream{Address: wisphub.Address}).Env()
	env = append(env, "API_USERS_FILE="+users, "LISTEN_ADDR="+address, "LOG_LEVEL=warn", "JWT_ACCESS_TOKEN_EXPIRE_MINUTES=1440",
		"CLIENTS_TTL=24h", "CLIENT_TTL=24h", "PLANS_TTL=24h", "PLAN_TTL=24h", "TICKETS_TTL=24h",
		fmt.Sprintf("UPSTREAM_MINUTE_LIMIT=%d", minuteLimit), fmt.Sprintf("UPSTREAM_HOUR_LIMIT=%d", hourLimit),
		"MAX_UPSTREAM_CALLS_PER_OPERATION=1000", "UPSTREAM_TIMEOUT=30s")
	env = append(env, settings...)
	process, err := launch.Start(launch.Config{
		Binary: o.binary, Dir: dir, Env: append(env, o.set...), Address: address, Warnings: o.warnings,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := newServer(name, process)
	if err := s.logIn(o.users); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// writeUsers writes the users file. The cheapest hash does: logins are not measured.
func writeUsers(path string, count int) error {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		return err
	}
	var lines strings.Builder
	fmt.Fprintf(&lines, "%s:%s:read,support,admin\n", adminUser, hash)
	for user := range count {
		fmt.Fprintf(&lines, "%s:%s:read\n", userName(user), hash)
	}
	return os.WriteFile(path, []byte(lines.String()), 0o600)
}

func userName(user int) string { return fmt.Sprintf("user%03d", user) }

func (s *server) logIn(users int) (err error) {
	if s.admin, _, err = launch.Login(s.client, s.process.Address, adminUser, password); err != nil {
		return fmt.Errorf("log in as %s: %w", adminUser, err)
	}
	for user := range users {
		token, _, err := launch.Login(s.client, s.process.Address, userName(user), password)
		if err != nil {
			return fmt.Errorf("log in as %s: %w", userName(user), err)
		}
		s.tokens = append(s.tokens, token)
	}
	return nil
}
