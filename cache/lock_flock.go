//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package cache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	lockFile = "LOCK"
	// lockTimeout is more than a write takes. A process that hangs must not stop the others' logouts.
	lockTimeout = 5 * time.Second
	lockPause   = 2 * time.Millisecond
)

var errLocked = errors.New("another process holds the lock for too long")

// lockFolder keeps other processes, and other callers, from changing the folder until unlock.
func lockFolder(path string) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(path, lockFile), os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	_ = file.Chmod(0o600) // regardless of the umask; another user's file cannot be changed, but locked
	for began := time.Now(); ; time.Sleep(lockPause) {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = file.Close() }, nil // closing unlocks
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			break
		}
		if time.Since(began) > lockTimeout {
			err = errLocked
			break
		}
	}
	_ = file.Close() // the earlier error is the cause
	return nil, fmt.Errorf("lock: %w", err)
}
