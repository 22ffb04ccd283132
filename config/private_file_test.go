package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// writeFile creates a file with exactly this mode, ignoring the umask, and returns its path.
func writeFile(t *testing.T, content string, mode fs.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadPrivateFile(t *testing.T) {
	t.Parallel()
	for mode, want := range map[fs.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o604: true, 0o644: true} {
		content, exposed, err := ReadPrivateFile(writeFile(t, "text\n", mode))
		if err != nil || string(content) != "text\n" {
			t.Errorf("ReadPrivateFile(mode %o) = %q, %v, want the content", mode, content, err)
		}
		if want = want && runtime.GOOS != "windows"; exposed != want {
			t.Errorf("ReadPrivateFile(mode %o): exposed = %t, want %t", mode, exposed, want)
		}
	}
}

func TestReadPrivateFile_SizeLimit(t *testing.T) {
	t.Parallel()
	if _, _, err := ReadPrivateFile(writeFile(t, strings.Repeat("x", maxPrivateFileBytes), 0o600)); err != nil {
		t.Errorf("ReadPrivateFile(64 kB) = %v, want the content", err)
	}
	if _, _, err := ReadPrivateFile(writeFile(t, strings.Repeat("x", maxPrivateFileBytes+1), 0o600)); !errors.Is(err, errFileTooLarge) {
		t.Errorf("ReadPrivateFile(64 kB and a byte) = %v, want %v", err, errFileTooLarge)
	}
}

func TestReadPrivateFile_ErrorsWithoutPath(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	missing := filepath.Join(folder, canary)
	if _, _, err := ReadPrivateFile(missing); !errors.Is(err, fs.ErrNotExist) || leaks(err.Error()) {
		t.Errorf("ReadPrivateFile(missing) = %v, want fs.ErrNotExist without the path", err)
	}
	if _, _, err := ReadPrivateFile(folder); !errors.Is(err, errNotRegularFile) {
		t.Errorf("ReadPrivateFile(folder) = %v, want %v", err, errNotRegularFile)
	}
}

func TestTrimLineEnd(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a": "a", "a\n": "a", "a\r\n": "a", "a\n\n": "a\n", "a\r": "a\r", " a \n": " a ", "\n": "", "": "",
	} {
		if got := TrimLineEnd(text); got != want {
			t.Errorf("TrimLineEnd(%q) = %q, want %q", text, got, want)
		}
	}
}
