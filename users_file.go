package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"wisphub-graphql/auth"
)

// maxUsersFileBytes is room for some ten thousand users.
const maxUsersFileBytes = 1 << 20

var errUsersFileTooLarge = errors.New("larger than 1 MB")

// usersFile watches API_USERS_FILE and hands its users to the service when it changes.
type usersFile struct {
	*watchedFile
	settings *Settings
	service  *auth.Service
	logger   *slog.Logger
}

// newUsersFile returns a watcher to which the file is read as it is: make it before the users are read.
func newUsersFile(settings *Settings, logger *slog.Logger) *usersFile {
	return &usersFile{watchedFile: watchFile(settings.APIUsersFile), settings: settings, logger: logger}
}

// run looks at the file until ctx ends. Without a file it returns at once.
func (f *usersFile) run(ctx context.Context) { f.watch(ctx, f.look) }

func (f *usersFile) look() {
	if !f.changed() {
		return
	}
	users, err := loadUsers(f.settings)
	if err != nil {
		f.logger.Error("the users file has changed and cannot be used; the users of before stay", "error", err)
		return
	}
	f.service.SetUsers(users)
	f.logger.Info("the users file has changed and was read")
	warnOfCosts(users, f.logger)
}

// warnOfCosts says that hashes are of several costs, and not whose.
func warnOfCosts(users *auth.Users, logger *slog.Logger) {
	if users.CostsDiffer() {
		logger.Warn("the users' password hashes differ in cost, so that every login takes as long as the costliest; " +
			"make all of them with hash-password")
	}
}

// loadUsers returns the one user of the environment, who may do everything, and those of the users file.
func loadUsers(settings *Settings) (*auth.Users, error) {
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

// readUsersFile returns nobody when there is no path. Its errors name neither the path nor what the file says.
func readUsersFile(path string) ([]auth.User, error) {
	if path == "" {
		return nil, nil
	}
	if _, err := inspectPrivateFile(path); err != nil { // before it is opened: a pipe would hold us up
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, withoutPath(err)
	}
	if info.Size() > maxUsersFileBytes {
		return nil, errUsersFileTooLarge
	}
	users, err := auth.ParseUsersFile(file)
	return users, withoutPath(err)
}
