//go:build !darwin && !dragonfly && !freebsd && !linux && !netbsd && !openbsd

package cache

import "sync"

var folderLock sync.Mutex

// lockFolder keeps other callers from changing the folder until unlock. Systems without flock have no
// lock between processes: there, two processes at once may be reported as tampering.
func lockFolder(string) (unlock func(), err error) {
	folderLock.Lock()
	return folderLock.Unlock, nil
}
