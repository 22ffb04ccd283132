package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An older sessions file in place of the last one is refused and logged, and so is a deleted one. A
// folder that others may write to is warned of.
func Test15_Small_SealedCacheDir(t *testing.T) {
	t.Parallel()
	simulator, environ := newCacheDir(t, 3)
	start := func() string {
		log := &logBuffer{}
		_, a := startLoggedApp(t, simulator, environ, log)
		a.Close()
		return log.String()
	}
	start()
	file := filepath.Join(environ["CACHE_DIR"], sessionsName+".snapshot")
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if log := start(); strings.Contains(log, "is not what the facade wrote") || strings.Contains(log, "others may write") {
		t.Errorf("a restart logs %s, want no word of tampering", log)
	}
	old[len(old)-1] ^= 1
	for _, change := range []func() error{
		func() error { return os.WriteFile(file, old, 0o600) },
		func() error { return os.Remove(file) },
		func() error { return os.Chmod(environ["CACHE_DIR"], 0o777) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
	}
	log := start()
	if !strings.Contains(log, "sessions.snapshot") || !strings.Contains(log, "was deleted") || !strings.Contains(log, "others may write to CACHE_DIR") {
		t.Errorf("a start after a file was deleted from an exposed folder logs %s, want it told", log)
	}
	if err := os.WriteFile(file, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if log := start(); !strings.Contains(log, "is not what the facade wrote") || !strings.Contains(log, "was changed") {
		t.Errorf("a start after a file was changed logs %s, want it told", log)
	}
}
