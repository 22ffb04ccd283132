package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"wisphub-graphql/auth"
	"wisphub-graphql/config"
)

// maxUsersFileBytes is enough for some ten thousand users.
const maxUsersFileBytes = 1 << 20

var errUsersFileTooLarge = errors.New("larger than 1 MB")

// usersFile watches API_USERS_FILE and passes its users to the service when it changes.
type usersFile struct {
	*watchedFile
	settings *config.Settings
	service  *auth.Service
	logger   *slog.Logger
}

// newUsersFile starts from the current state of the file. Call it before loadUsers, so that no
// change is missed, and set the service before run.
func newUsersFile(settings *config.Settings, logger *slog.Logger) *usersFile {
	return &usersFile{watchedFile: watchFile(settings.APIUsersFile), settings: settings, logger: logger}
}

// run checks the file until ctx ends. Without a file it returns at once.
func (f *usersFile) run(ctx context.Context) { f.watch(ctx, f.check) }

func (f *usersFile) check() {
	if !f.changed() {
		return
	}
	users, err := loadUsers(f.settings)
	if err != nil {
		f.logger.Error("users file changed but is invalid; keeping the previous users", "error", err)
		return
	}
	if f.service.SetUsers(users) {
		f.logger.Info("users file changed; new users are active")
	} else {
		f.logger.Warn("users file changed; new users are active here, but it is not saved yet which sessions this ended")
	}
	warnOfCosts(users, f.logger)
}

// warnOfCosts warns, without names, of password hashes with different or low costs.
func warnOfCosts(users *auth.Users, logger *slog.Logger) {
	if users.CostsDiffer() {
		logger.Warn("the users' password hashes differ in cost, so that every login takes as long as the costliest; " +
			"create all of them with hash-password")
	}
	if users.HasCheapHash() {
		logger.Warn("a user's password hash has a bcrypt cost under 10 and is cheap to guess; create it anew with hash-password")
	}
}

// loadUsers returns the user of the environment, who has all scopes, and the users of the users
// file.
func loadUsers(settings *config.Settings) (*auth.Users, error) {
	var users []auth.User
	if settings.APIUsername != "" {
		users = append(users, auth.User{
			Username:     settings.APIUsername,
			PasswordHash: settings.APIPasswordHash.Reveal(),
			Scopes:       auth.AllScopes(),
		})
	}
	listed, err := readUsersFile(settings.APIUsersFile)
	if err != nil {
		return nil, fmt.Errorf("API_USERS_FILE: %w", err)
	}
	return auth.NewUsers(append(users, listed...)...)
}

// readUsersFile returns no users for an empty path. Its errors contain neither the path nor
// content of the file.
func readUsersFile(path string) ([]auth.User, error) {
	if path == "" {
		return nil, nil
	}
	if _, err := config.InspectPrivateFile(path); err != nil { // Open blocks on a named pipe
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, config.WithoutPath(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, config.WithoutPath(err)
	}
	if info.Size() > maxUsersFileBytes {
		return nil, errUsersFileTooLarge
	}
	users, err := auth.ParseUsersFile(file)
	return users, config.WithoutPath(err)
}
