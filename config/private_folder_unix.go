//go:build unix

package config

import (
	"os"
	"syscall"
)

// IsFolderExposed reports whether users other than the owner of this process and root may write to the
// folder. In a sticky one, such as /tmp, they may put files where there are none yet. A folder that
// cannot be inspected, or does not exist, is not exposed.
func IsFolderExposed(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, known := info.Sys().(*syscall.Stat_t)
	if known && int(stat.Uid) != os.Geteuid() && stat.Uid != 0 {
		return true
	}
	return info.Mode().Perm()&0o022 != 0
}
