package main

import (
	"context"
	"io/fs"
	"os"
	"time"
)

// fileLook is how often a watched file is looked at.
const fileLook = time.Second

// watchedFile notices when a file changes. It looks, again and again, rather than be told: that works on every file system, and
// with the links that orchestrators swap. It serves one goroutine.
type watchedFile struct {
	path string
	seen fs.FileInfo // at the last look; nil when it could not be seen
	read fs.FileInfo // what has been read, well or badly
}

// watchFile returns a watcher to which the file is read as it is: make it before the file is read. The path may be "", of a
// file that never changes.
func watchFile(path string) *watchedFile {
	f := &watchedFile{path: path}
	f.seen = f.stat()
	f.read = f.seen
	return f
}

// watch has look called, each second, until ctx ends. Without a file it returns at once.
func (f *watchedFile) watch(ctx context.Context, look func()) {
	if f.path == "" {
		return
	}
	ticker := time.NewTicker(fileLook)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			look()
		case <-ctx.Done():
			return
		}
	}
}

// changed looks at the file once, and reports true, once, of a changed one that looks the same twice: somebody may still be
// writing it. What is written after that has a later time.
func (f *watchedFile) changed() bool {
	now := f.stat()
	settled := sameFile(now, f.seen)
	f.seen = now
	if !settled || sameFile(now, f.read) {
		return false
	}
	f.read = now
	return true
}

func (f *watchedFile) stat() fs.FileInfo {
	info, err := os.Stat(f.path)
	if err != nil {
		return nil
	}
	return info
}

// sameFile reports whether two looks saw the same file, unchanged, or both none.
func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
