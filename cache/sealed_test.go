package cache_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/cache"
)

// tampering collects what a folder reports.
type tampering struct {
	mu      sync.Mutex
	reports []string // guarded by mu
}

func (r *tampering) add(file string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reports = append(r.reports, file+" "+err.Error())
}

func (r *tampering) want(t *testing.T, when string, want ...string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.reports) != len(want) {
		t.Errorf("%s: reports = %q, want %q", when, r.reports, want)
	}
	for i := range min(len(want), len(r.reports)) {
		if !strings.Contains(r.reports[i], want[i]) {
			t.Errorf("%s: report = %q, want %q", when, r.reports[i], want[i])
		}
	}
	r.reports = nil
}

func openSealed(t *testing.T, path string, secrets ...string) (*cache.Folder, *tampering) {
	t.Helper()
	reports := &tampering{}
	options := cache.SealOptions{OnTampering: reports.add}
	for _, secret := range append(secrets, "a secret")[:max(len(secrets), 1)] {
		options.Keys = append(options.Keys, cache.SealKey([]byte(secret)))
	}
	folder, err := cache.OpenSealedFolder(path, "demo", options)
	if err != nil {
		t.Fatalf("OpenSealedFolder = %v", err)
	}
	return folder, reports
}

func readFile(t *testing.T, path, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(path, name+".snapshot"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func putFile(t *testing.T, path, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(path, name+".snapshot"), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Each way to tamper with a file is noticed, reported once, and undone by the next write.
func Test15_Small_SealedFilesNoticeTampering(t *testing.T) {
	t.Parallel()
	unsealed := t.TempDir()
	write(t, openFolder(t, unsealed, "demo"), "sessions", "planted")
	planted := readFile(t, unsealed, "sessions")
	for name, test := range map[string]struct {
		change func(t *testing.T, path string, older []byte)
		report string
		want   error
	}{
		"one byte": {func(t *testing.T, path string, _ []byte) {
			content := readFile(t, path, "sessions")
			content[len(content)-1] ^= 1
			putFile(t, path, "sessions", content)
		}, "sessions.snapshot was changed", cache.ErrDamaged},
		"moved from another name": {func(t *testing.T, path string, _ []byte) {
			copyFile(t, path, "clients.snapshot", "sessions.snapshot")
		}, "sessions.snapshot was changed", cache.ErrDamaged},
		"an older file": {func(t *testing.T, path string, older []byte) {
			putFile(t, path, "sessions", older)
		}, "sessions.snapshot is not what was written last", cache.ErrDamaged},
		"deleted": {func(t *testing.T, path string, _ []byte) {
			if err := os.Remove(filepath.Join(path, "sessions.snapshot")); err != nil {
				t.Fatal(err)
			}
		}, "sessions.snapshot was deleted", fs.ErrNotExist},
		"without a check": {func(t *testing.T, path string, _ []byte) {
			putFile(t, path, "sessions", planted)
		}, "sessions.snapshot has no keyed check", cache.ErrDamaged},
		"cut off": {func(t *testing.T, path string, _ []byte) {
			putFile(t, path, "sessions", readFile(t, path, "sessions")[:20])
		}, "sessions.snapshot has no keyed check", cache.ErrDamaged},
		"of another secret": {func(t *testing.T, path string, _ []byte) {
			elsewhere := t.TempDir()
			other, _ := openSealed(t, elsewhere, "another secret")
			write(t, other, "sessions", "planted")
			putFile(t, path, "sessions", readFile(t, elsewhere, "sessions"))
		}, "another JWT_SECRET_KEY", cache.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := t.TempDir()
			folder, _ := openSealed(t, path)
			write(t, folder, "clients", "clients")
			write(t, folder, "sessions", "one")
			older := readFile(t, path, "sessions")
			write(t, folder, "sessions", "two")
			write(t, folder, "clients", "clients") // confirms the file before
			test.change(t, path, older)
			next, reports := openSealed(t, path)
			wantReadErr(t, next, "sessions", test.want)
			wantReadErr(t, next, "sessions", test.want)
			reports.want(t, "after the change", test.report)
			wantRead(t, next, "clients", "clients")
			write(t, next, "sessions", "three")
			wantRead(t, next, "sessions", "three")
			reports.want(t, "after the next write")
		})
	}
}

// Without the manifest the files are used, and the loss is reported. A manifest of another secret too.
func Test15_Small_SealedManifestLost(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	folder, _ := openSealed(t, path)
	write(t, folder, "sessions", "one")
	if err := os.Remove(filepath.Join(path, "MANIFEST.snapshot")); err != nil {
		t.Fatal(err)
	}
	next, reports := openSealed(t, path)
	reports.want(t, "without the manifest", "MANIFEST.snapshot is missing")
	wantRead(t, next, "sessions", "one")
	reports.want(t, "the manifest is there again")
	putFile(t, path, "MANIFEST", []byte("{}"))
	last, reports := openSealed(t, path)
	wantRead(t, last, "sessions", "one")
	reports.want(t, "a planted manifest", "MANIFEST.snapshot was changed")
	write(t, last, "sessions", "two")
	wantRead(t, last, "sessions", "two")
	reports.want(t, "a new manifest")
}

// A new secret reads the files of the previous one.
func Test15_Small_SealedKeyRotation(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	folder, _ := openSealed(t, path, "old")
	write(t, folder, "sessions", "one")
	next, reports := openSealed(t, path, "new", "old")
	wantRead(t, next, "sessions", "one")
	write(t, next, "clients", "two")
	wantRead(t, next, "sessions", "one")
	write(t, next, "sessions", "three")
	reports.want(t, "with both secrets")
	last, reports := openSealed(t, path, "new")
	wantRead(t, last, "sessions", "three")
	reports.want(t, "with the new secret")
	other, reports := openSealed(t, path, "other")
	wantReadErr(t, other, "sessions", cache.ErrDamaged)
	reports.want(t, "with another secret", "another JWT_SECRET_KEY")
}

// The files of an earlier version are taken over once. Afterwards a file without a check is refused.
func Test15_Small_SealedUpgrade(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	old := openFolder(t, path, "demo")
	write(t, old, "sessions", "one")
	write(t, old, "clients", "two")
	for range 2 {
		folder, reports := openSealed(t, path)
		wantRead(t, folder, "sessions", "one")
		wantRead(t, folder, "clients", "two")
		reports.want(t, "after the upgrade")
	}
	write(t, old, "sessions", "planted")
	folder, reports := openSealed(t, path)
	wantReadErr(t, folder, "sessions", cache.ErrDamaged)
	reports.want(t, "a planted file", "sessions.snapshot has no keyed check")
}

// The manifest is written before the file. A crash, or a failed write, in between is no tampering.
func Test15_Small_SealedCrashBetween(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	folder, _ := openSealed(t, path)
	write(t, folder, "sessions", "one")
	if err := os.Remove(filepath.Join(path, "sessions.snapshot")); err != nil {
		t.Fatal(err)
	}
	next, reports := openSealed(t, path)
	wantReadErr(t, next, "sessions", fs.ErrNotExist)
	write(t, next, "sessions", "one")
	write(t, next, "clients", "x")
	before := readFile(t, path, "sessions")
	for i := range 3 { // each process crashes, or fails to write
		write(t, next, "sessions", fmt.Sprint("lost ", i))
		putFile(t, path, "sessions", before)
		next, _ = openSealed(t, path)
		wantRead(t, next, "sessions", "one")
	}
	reports.want(t, "crashes")
}

// Two processes that write at the same time, as during a restart, are no tampering.
func Test15_Small_SealedTwoProcesses(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	var group sync.WaitGroup
	for process := range 3 {
		folder, reports := openSealed(t, path)
		group.Go(func() {
			for i := range 20 {
				write(t, folder, "sessions", fmt.Sprint(process, i))
				if _, err := folder.Read("sessions"); err != nil {
					t.Errorf("Read beside writes = %v, want no error", err)
				}
				write(t, folder, fmt.Sprint("own ", process), fmt.Sprint(i))
			}
			reports.want(t, "beside other processes")
		})
	}
	group.Wait()
}

// Real processes that are killed while they write leave nothing that looks like tampering.
func Test15_Small_SealedKilled(t *testing.T) {
	if path := os.Getenv("CACHE_WRITER"); path != "" {
		folder, _ := openSealed(t, path)
		for i := 0; ; i++ {
			write(t, folder, "sessions", fmt.Sprint(i, strings.Repeat("x", i%5000)))
			write(t, folder, "clients", fmt.Sprint(i))
		}
	}
	t.Parallel()
	path, reads := t.TempDir(), 0
	for round := range 15 {
		writers := make([]*exec.Cmd, 2)
		for i := range writers {
			writers[i] = exec.Command(os.Args[0], "-test.run=^Test15_Small_SealedKilled$")
			writers[i].Env = append(os.Environ(), "CACHE_WRITER="+path)
			if err := writers[i].Start(); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Duration(40+7*round) * time.Millisecond)
		for _, writer := range writers {
			_ = writer.Process.Kill()
			_ = writer.Wait() // it was killed
		}
		folder, reports := openSealed(t, path)
		for _, name := range []string{"sessions", "clients"} {
			_, err := folder.Read(name)
			if err == nil {
				reads++
			} else if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("round %d: Read(%s) = %v, want what was written", round, name, err)
			}
		}
		reports.want(t, "after kill -9")
	}
	if reads < 2 {
		t.Errorf("%d reads found a file, want the writers to have written", reads)
	}
}

// What signs a file is not the secret itself.
func Test15_Small_SealKey(t *testing.T) {
	t.Parallel()
	key := cache.SealKey([]byte("a secret"))
	if len(key) != 32 || bytes.Contains(key, []byte("secret")) || bytes.Equal(key, cache.SealKey([]byte("b secret"))) {
		t.Errorf("SealKey = %x, want 32 bytes of its own for each secret", key)
	}
}
