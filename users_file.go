package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"wisphub-graphql/auth"
)

const (
	// usersLook is how often the users file is looked at.
	usersLook = time.Second
	// maxUsersFileBytes is room for some ten thousand users.
	maxUsersFileBytes = 1 << 20
)

var errUsersFileTooLarge = errors.New("larger than 1 MB")

// usersFile watches API_USERS_FILE and hands its users to the service when it changes. It looks, again and again, rather than
// be told: that works on every file system, and with the links that orchestrators swap.
type usersFile struct {
	settings *Settings
	service  *auth.Service
	logger   *slog.Logger
	seen     fs.FileInfo // at the last look; nil when it could not be seen
	read     fs.FileInfo // what has been read, well or badly
}

// newUsersFile returns a watcher to which the file is read as it is: make it before the users are read.
func newUsersFile(settings *Settings, logger *slog.Logger) *usersFile {
	f := &usersFile{settings: settings, logger: logger}
	f.seen = f.stat()
	f.read = f.seen
	return f
}

// run looks at the file until ctx ends. Without a file it returns at once.
func (f *usersFile) run(ctx context.Context) {
	if f.settings.APIUsersFile == "" {
		return
	}
	ticker := time.NewTicker(usersLook)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			f.look()
		case <-ctx.Done():
			return
		}
	}
}

// look reads a changed file once it looks the same twice: somebody may still be writing it. What is written after that has a
// later time.
func (f *usersFile) look() {
	now := f.stat()
	settled := sameFile(now, f.seen)
	f.seen = now
	if !settled || sameFile(now, f.read) {
		return
	}
	f.read = now
	users, err := loadUsers(f.settings)
	if err != nil {
		f.logger.Error("the users file has changed and cannot be used; the users of before stay", "error", err)
		return
	}
	f.service.SetUsers(users)
	f.logger.Info("the users file has changed and was read")
}

func (f *usersFile) stat() fs.FileInfo {
	info, err := os.Stat(f.settings.APIUsersFile)
	if err != nil {
		return nil
	}
	return info
}

// sameFile reports whether two looks saw the same file, unchanged, or both none.
func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
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
