package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	lockSuffix = ".lock"
	// lockInterval is how often a lock is tried that another process holds.
	lockInterval = 5 * time.Millisecond
)

// errLocked is returned by tryLock while another process holds the lock.
var errLocked = errors.New("another process holds the lock")

// Lock waits until no other process holds the lock of that name, and holds it until unlock. Between
// a Read and a Write it keeps the writes of others from being lost. The operating system releases
// the lock of a process that dies. Where file systems have no locks, Lock returns at once.
func (f *Folder) Lock(ctx context.Context, name string) (unlock func(), err error) {
	file, err := fileOf(name)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(f.path, strings.TrimSuffix(file, snapshotSuffix)+lockSuffix)
	lock, err := openLock(path)
	if errors.Is(err, fs.ErrNotExist) && makeFolder(f.path) == nil { // the folder was deleted
		lock, err = openLock(path)
	}
	if err != nil {
		return nil, fmt.Errorf("snapshot %q: %w", name, err)
	}
	for {
		err := f.tryLock(lock)
		if err == nil {
			return func() { _ = lock.Close() }, nil // closing releases the lock
		}
		if errors.Is(err, errLocked) {
			err = waitForLock(ctx)
		}
		if err != nil {
			_ = lock.Close() // nothing was written
			return nil, fmt.Errorf("snapshot %q: lock: %w", name, err)
		}
	}
}

func waitForLock(ctx context.Context) error {
	select {
	case <-time.After(lockInterval):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errLocked, ctx.Err())
	}
}

// openLock follows no link and waits for no pipe.
func openLock(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|openLockFlags, 0o600)
}
