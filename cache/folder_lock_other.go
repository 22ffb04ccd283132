//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package cache

import "os"

const openLockFlags = 0

// tryLock does nothing: the standard library has no locks of files here.
func tryLock(*os.File) error { return nil }
