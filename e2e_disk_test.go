package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/auth"
)

// brokenDisk returns a CACHE_DIR in which nothing can be written, by any user, and a function that
// mends it.
func brokenDisk(t *testing.T) (path string, mend func()) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc, a folder in which no user can write")
	}
	path = filepath.Join(t.TempDir(), "kept")
	if err := os.Symlink("/proc/self", path); err != nil {
		t.Fatal(err)
	}
	return path, func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

// endBackground ends what runs in the background, which saves a last time. From then on only the test
// saves.
func endBackground(a *app) {
	a.cancel()
	a.tasks.Wait()
}

// A disk that cannot be written stops no service. It is logged once, and once more when it is well.
func Test14_14_BrokenDiskAtTheStart(t *testing.T) {
	t.Parallel()
	path, mend := brokenDisk(t)
	simulator, environ := newCacheDir(t, 30)
	log := &logBuffer{}
	environ["CACHE_DIR"] = path
	s, a := startLoggedApp(t, simulator, environ, log)
	s.login("ana", testPassword)
	if _, body := s.query("{ clients { totalCount } }", nil); body != `{"data":{"clients":{"totalCount":30}}}` {
		t.Errorf("clients = %s without a disk, want 30", body)
	}
	endBackground(a)
	a.snapshots.save()
	if got := strings.Count(log.String(), "cannot write snapshots"); got != 1 {
		t.Errorf("the broken disk was logged %d times, want once: %s", got, log)
	}
	mend()
	a.snapshots.save()
	a.snapshots.save()
	if got := strings.Count(log.String(), "snapshots are written to CACHE_DIR again"); got != 1 {
		t.Errorf("the mended disk was logged %d times, want once", got)
	}
	_, b := startLoggedApp(t, simulator, environ, log)
	if !b.ready.Load() {
		t.Error("ready = false with the snapshots of a disk that was mended, want true")
	}
}

// What the disk withheld at the start is read before it is replaced.
func Test14_14_ReadsTheDiskOnceItIsWell(t *testing.T) {
	t.Parallel()
	simulator, environ := newCacheDir(t, 30)
	s, a := startLoggedIn(t, simulator, environ)
	s.query("{ clients { totalCount } }", nil)
	a.Close()
	kept := environ["CACHE_DIR"]
	broken, mend := brokenDisk(t)
	environ["CACHE_DIR"] = broken
	_, b := startLoggedIn(t, simulator, environ)
	endBackground(b)
	b.snapshots.unread = true // reading /proc says that there are no files
	mend()
	if err := os.CopyFS(broken, os.DirFS(kept)); err != nil {
		t.Fatal(err)
	}
	b.snapshots.save()
	if b.api.Usage().LastHour == 0 || b.snapshots.unread {
		t.Errorf("usage = %+v, want the calls of the old process", b.api.Usage())
	}
}

// A logout that the disk did not take holds in memory, and is written as soon as the disk is well.
func Test14_14_LogoutWithABrokenDisk(t *testing.T) {
	path, mend := brokenDisk(t)
	settings := loadSettings(t, testEnviron("https://api.wisphub.net", map[string]string{"CACHE_DIR": path, "API_PASSWORD_HASH": testHash}))
	synctest.Test(t, func(t *testing.T) {
		log := &logBuffer{}
		logger := newLogger(settings, log)
		service, err := newAuth(settings, nil, logger)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := newSessions(settings, service, nil, logger)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); kept.run(ctx) }()
		token, err := service.Login(t.Context(), "ana", testPassword)
		if err != nil {
			t.Fatal(err)
		}
		caller, err := service.Verify(token.AccessToken)
		if err != nil {
			t.Fatal(err)
		}
		if service.Logout(auth.NewContext(t.Context(), caller)) {
			t.Error("Logout = true with a broken disk, want false")
		}
		if _, err := service.Verify(token.AccessToken); err == nil {
			t.Error("the token is valid after a logout with a broken disk")
		}
		time.Sleep(3*sessionsCheckInterval + time.Second) // not while it writes
		mend()
		time.Sleep(sessionsCheckInterval)
		another, err := newAuth(settings, nil, logger)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := newSessions(settings, another, nil, logger); err != nil {
			t.Fatal(err)
		}
		if _, err := another.Verify(token.AccessToken); err == nil {
			t.Error("the token is valid in the next process; the logout was not written again")
		}
		if got := strings.Count(log.String(), "sessions are written to CACHE_DIR again"); got != 1 {
			t.Errorf("the mended disk was logged %d times, want once: %s", got, log)
		}
		stop()
		<-ended
	})
}
