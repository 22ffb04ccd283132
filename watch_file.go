package main

import (
	"context"
	"io/fs"
	"os"
	"time"
)

// pollInterval is how often a watched file is checked.
const pollInterval = time.Second

// watchedFile detects changes of a file. It polls, because file notifications miss changes on
// network file systems and the symbolic links that Kubernetes swaps. Use it from one goroutine
// only.
type watchedFile struct {
	path string
	seen fs.FileInfo // at the last check; nil when the file could not be inspected
	used fs.FileInfo // when changed last returned true
}

// watchFile starts from the current state of the file. Call it before reading the file, so that no
// change is missed. A file with the path "" never changes.
func watchFile(path string) *watchedFile {
	f := &watchedFile{path: path}
	f.seen = f.stat()
	f.used = f.seen
	return f
}

// watch calls check at each interval until ctx ends. With an empty path it returns at once.
func (f *watchedFile) watch(ctx context.Context, check func()) {
	if f.path == "" {
		return
	}
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			check()
		case <-ctx.Done():
			return
		}
	}
}

// changed inspects the file and returns true once per change. It waits until two inspections in a
// row are equal, because another program may still be writing the file.
func (f *watchedFile) changed() bool {
	now := f.stat()
	stable := sameFile(now, f.seen)
	f.seen = now
	if !stable || sameFile(now, f.used) {
		return false
	}
	f.used = now
	return true
}

func (f *watchedFile) stat() fs.FileInfo {
	info, err := os.Stat(f.path)
	if err != nil {
		return nil
	}
	return info
}

// sameFile reports whether two inspections saw the same unchanged file, or both saw none.
func sameFile(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}
