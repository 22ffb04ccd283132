//go:build unix

package config

import (
	"os"
	"path/filepath"
	"testing"
)

// A folder that others may write to is exposed, also if only owners may replace files in it: before the
// first start, others can plant some.
func Test15_Small_FolderExposed(t *testing.T) {
	t.Parallel()
	for mode, want := range map[os.FileMode]bool{
		0o700: false, 0o750: false, 0o755: false, 0o770: true, 0o720: true, 0o702: true, 0o777: true, 0o777 | os.ModeSticky: true,
	} {
		path := t.TempDir()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if got := IsFolderExposed(path); got != want {
			t.Errorf("IsFolderExposed with mode %v = %t, want %t", mode, got, want)
		}
	}
	for _, path := range []string{filepath.Join(t.TempDir(), "none"), "", os.Args[0]} {
		if IsFolderExposed(path) {
			t.Errorf("IsFolderExposed(%q) = true, want false", path)
		}
	}
	other := t.TempDir()
	if os.Geteuid() == 0 && (os.Chown(other, 12345, 12345) != nil || !IsFolderExposed(other)) {
		t.Error("IsFolderExposed of a folder of another user = false, want true")
	}
}
