//go:build unix

package config

import (
	"os"
	"syscall"
)

// IsFolderExposed reports whether users other than the owner of this process and root may replace
// files in the folder. A folder that cannot be inspected, or does not exist, is not exposed.
func IsFolderExposed(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, known := info.Sys().(*syscall.Stat_t)
	if known && int(stat.Uid) != os.Geteuid() && stat.Uid != 0 {
		return true
	}
	// In a sticky folder others may add files, but not replace ours.
	return info.Mode().Perm()&0o022 != 0 && info.Mode()&os.ModeSticky == 0
}
