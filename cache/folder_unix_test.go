//go:build unix

package cache_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// The umask belongs to the process, so this test is not parallel.
func TestFolder_Permissions(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o277, 0o777} {
		path := filepath.Join(t.TempDir(), "snapshots")
		func() {
			defer syscall.Umask(syscall.Umask(umask))
			write(t, openFolder(t, path, "demo"), "clients", "good")
		}()
		wantMode(t, path, fs.ModeDir|0o700)
		wantMode(t, filepath.Join(path, "clients.snapshot"), 0o600)
	}
}

// A folder created by the operator keeps its permissions.
func TestFolder_KeepsPermissionsOfExisting(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	if err := os.Chmod(path, 0o750); err != nil {
		t.Fatal(err)
	}
	openFolder(t, path, "demo")
	wantMode(t, path, fs.ModeDir|0o750)
}

// Reading a pipe would block forever.
func TestFolder_ReadsNoPipe(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(path, "clients.snapshot"), 0o600); err != nil {
		t.Skipf("no pipes here: %v", err)
	}
	folder := openFolder(t, path, "demo")
	if _, err := folder.Read("clients"); err == nil {
		t.Error("Read of a pipe = nil, want an error")
	}
}

func wantMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != want {
		t.Errorf("%s has mode %v, want %v", filepath.Base(path), info.Mode(), want)
	}
}
