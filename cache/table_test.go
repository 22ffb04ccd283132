package cache_test

import (
	"os"
	"path/filepath"
	"testing"

	"wisphub-graphql/cache"
)

func Test14_8_FolderTable(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	folder := openFolder(t, path, "names")
	table, other := folder.Table("names"), openFolder(t, path, "names").Table("names")
	swap := func(table *cache.Table, old, content string, want bool) {
		t.Helper()
		if got, err := table.Swap(t.Context(), []byte(old), []byte(content)); err != nil || got != want {
			t.Errorf("Swap(%q, %q) = %t, %v, want %t", old, content, got, err, want)
		}
	}
	swap(table, "", "one", true)
	swap(other, "", "two", false)
	swap(other, "one", "two", true)
	if got, err := table.Load(t.Context()); err != nil || string(got) != "two" {
		t.Errorf("Load = %q, %v, want two", got, err)
	}
	if err := os.WriteFile(filepath.Join(path, "names.snapshot"), []byte("half of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	swap(table, "", "three", true)
	wantReadErr(t, folder.For("another tenant"), "names", cache.ErrDamaged)
}
