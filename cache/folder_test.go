package cache_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wisphub-graphql/cache"
)

func openFolder(t *testing.T, path, tenant string) *cache.Folder {
	t.Helper()
	folder, err := cache.OpenFolder(path, tenant)
	if err != nil {
		t.Fatalf("OpenFolder(%q) = %v", tenant, err)
	}
	return folder
}

func write(t *testing.T, folder *cache.Folder, name, payload string) {
	t.Helper()
	if err := folder.Write(name, []byte(payload)); err != nil {
		t.Fatalf("Write(%q) = %v", name, err)
	}
}

func wantRead(t *testing.T, folder *cache.Folder, name, want string) {
	t.Helper()
	if got, err := folder.Read(name); err != nil || string(got) != want {
		t.Errorf("Read(%q) = %.80q, %v, want %.80q", name, got, err, want)
	}
}

func wantReadErr(t *testing.T, folder *cache.Folder, name string, want error) {
	t.Helper()
	if got, err := folder.Read(name); !errors.Is(err, want) || got != nil {
		t.Errorf("Read(%q) = %.80q, %v, want error %v", name, got, err, want)
	}
}

func filesIn(t *testing.T, path string) []string {
	t.Helper()
	files, err := os.ReadDir(path)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = file.Name()
	}
	return names
}

func TestFolder_ReadsLastWrite(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "not", "yet")
	folder := openFolder(t, path, "demo")
	wantReadErr(t, folder, "older tickets", fs.ErrNotExist)
	write(t, folder, "older tickets", "1")
	write(t, folder, "zones", "")
	write(t, folder, "older tickets", strings.Repeat("2", 100_000))
	write(t, folder, "older tickets", "3")
	for _, folder := range []*cache.Folder{folder, openFolder(t, path, "demo")} {
		wantRead(t, folder, "older tickets", "3")
		wantRead(t, folder, "zones", "")
	}
	if got, want := filesIn(t, path), []string{"older-tickets.snapshot", "zones.snapshot"}; !slices.Equal(got, want) {
		t.Errorf("files = %q, want %q", got, want)
	}
}

func TestFolder_RefusesNames(t *testing.T) {
	t.Parallel()
	folder := openFolder(t, t.TempDir(), "demo")
	for _, name := range []string{"", ".", "..", "a/b", "../a", "Zones", "zonas.", "a\x00", "ñ", "a\nb"} {
		if err := folder.Write(name, nil); err == nil {
			t.Errorf("Write(%q) = nil, want an error", name)
		}
		if _, err := folder.Read(name); err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, cache.ErrDamaged) {
			t.Errorf("Read(%q) = %v, want an error about the name", name, err)
		}
	}
}

// An unwritable folder must be found at the start, not at the first Write.
func TestOpenFolder_ChecksThatItCanWrite(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", file, filepath.Join(file, "below"), filepath.Join(t.TempDir(), "\x00")} {
		if folder, err := cache.OpenFolder(path, "demo"); err == nil || folder != nil {
			t.Errorf("OpenFolder(%q) = %v, %v, want an error", path, folder, err)
		}
	}
}

// A crash leaves a temporary file. OpenFolder keeps the earlier snapshot and the
// files of other programs.
func TestOpenFolder_RemovesTemporaryFiles(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	write(t, openFolder(t, path, "demo"), "clients", "good")
	for _, name := range []string{"clients.snapshot.123.tmp", "probe.snapshot.9.tmp", "notes.tmp", "clients.snapshot.bak"} {
		file, earlier := filepath.Join(path, name), time.Now().Add(-time.Hour)
		if err := os.WriteFile(file, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, earlier, earlier); err != nil {
			t.Fatal(err)
		}
	}
	wantRead(t, openFolder(t, path, "demo"), "clients", "good")
	want := []string{"clients.snapshot", "clients.snapshot.bak", "notes.tmp"}
	if got := filesIn(t, path); !slices.Equal(got, want) {
		t.Errorf("files = %q, want %q", got, want)
	}
}

func TestFolder_RefusesFilesOfOtherTenants(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	folder := openFolder(t, path, "demo\x00one")
	write(t, folder, "clients", "demo's")
	for _, tenant := range []string{"", "demo", "demo\x00two", "one"} {
		wantReadErr(t, openFolder(t, path, tenant), "clients", cache.ErrDamaged)
	}
	copyFile(t, path, "clients.snapshot", "plans.snapshot")
	wantReadErr(t, folder, "plans", cache.ErrDamaged)
	write(t, folder, "older tickets", "spaced")
	wantReadErr(t, folder, "older-tickets", cache.ErrDamaged) // both names map to one file
}

func copyFile(t *testing.T, path, from, to string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(path, from))
	if err == nil {
		err = os.WriteFile(filepath.Join(path, to), content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestFolder_RefusesDamagedFiles(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	folder := openFolder(t, path, "demo")
	write(t, folder, "clients", strings.Repeat("Ana ", 100))
	file := filepath.Join(path, "clients.snapshot")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	newer := bytes.Clone(whole)
	newer[4]++
	for name, content := range map[string][]byte{
		"empty": {}, "cut off": whole[:len(whole)-1], "head only": whole[:30], "newer": newer, "text": []byte("{}"),
	} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := folder.Read("clients"); !errors.Is(err, cache.ErrDamaged) || !strings.Contains(err.Error(), `"clients"`) {
			t.Errorf("%s: Read() = %v, want ErrDamaged with the name", name, err)
		}
	}
	if err := os.Truncate(file, 256<<20+1); err != nil { // sparse
		t.Fatal(err)
	}
	if _, err := folder.Read("clients"); !errors.Is(err, cache.ErrDamaged) || !strings.Contains(err.Error(), "exceed the limit") {
		t.Errorf("Read() of a file over 256 MB = %v, want ErrDamaged without reading the file", err)
	}
	write(t, folder, "clients", "good again")
	wantRead(t, folder, "clients", "good again")
}

// An attacker who can place a link must not redirect reads and writes.
func TestFolder_FollowsNoLink(t *testing.T) {
	t.Parallel()
	path, elsewhere := t.TempDir(), t.TempDir()
	folder, other := openFolder(t, path, "demo"), openFolder(t, elsewhere, "demo")
	write(t, other, "clients", "untouched")
	if err := os.Symlink(filepath.Join(elsewhere, "clients.snapshot"), filepath.Join(path, "clients.snapshot")); err != nil {
		t.Fatal(err)
	}
	wantReadErr(t, folder, "clients", cache.ErrDamaged)
	write(t, folder, "clients", "ours")
	wantRead(t, folder, "clients", "ours")
	wantRead(t, other, "clients", "untouched")
}

// A folder in place of a file makes Write fail, which must leave no file behind.
func TestFolder_FailedWriteCleansUp(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	folder := openFolder(t, path, "demo")
	if err := os.MkdirAll(filepath.Join(path, "clients.snapshot", "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := folder.Write("clients", nil); err == nil {
		t.Error("Write over a folder = nil, want an error")
	}
	wantReadErr(t, folder, "clients", cache.ErrDamaged)
	if got, want := filesIn(t, path), []string{"clients.snapshot"}; !slices.Equal(got, want) {
		t.Errorf("files = %q, want %q", got, want)
	}
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	wantReadErr(t, folder, "clients", fs.ErrNotExist)
	if err := folder.Write("clients", []byte("again")); err != nil {
		t.Errorf("Write into a deleted folder = %v, want the folder created again", err)
	}
	if got, err := folder.Read("clients"); err != nil || string(got) != "again" {
		t.Errorf("Read = %q, %v, want %q", got, err, "again")
	}
}

// Two folders over one path simulate two processes. A reader sees one whole
// payload.
func TestFolder_ConcurrentWrites(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	folders := []*cache.Folder{openFolder(t, path, "demo"), openFolder(t, path, "demo")}
	payload := func(writer int) string { return strings.Repeat(fmt.Sprint(writer), 1000*(writer+1)) }
	write(t, folders[0], "clients", payload(0))
	var writers sync.WaitGroup
	for writer := range 8 {
		writers.Go(func() {
			for range 10 {
				if err := folders[writer%2].Write("clients", []byte(payload(writer))); err != nil {
					t.Errorf("Write() = %v", err)
				}
				got, err := folders[1].Read("clients")
				if err != nil || len(got) == 0 || string(got) != payload(int(got[0]-'0')) {
					t.Errorf("Read() = %d bytes, %v, want one writer's payload", len(got), err)
				}
			}
		})
	}
	writers.Wait()
	if got, want := filesIn(t, path), []string{"clients.snapshot"}; !slices.Equal(got, want) {
		t.Errorf("files = %q, want %q", got, want)
	}
}
