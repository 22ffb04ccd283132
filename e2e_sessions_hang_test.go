package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"wisphub-graphql/auth"
	"wisphub-graphql/background"
	"wisphub-graphql/cache/cachetest"
)

// Test15_10_LogoutsArriveBesideAHangingDisk expects a replica whose disk hangs to learn of logouts at
// other replicas at once.
func Test15_10_LogoutsArriveBesideAHangingDisk(t *testing.T) {
	t.Parallel()
	settings := loadSettings(t, testEnviron("https://api.wisphub.net", map[string]string{
		"CACHE_DIR": t.TempDir(), "CACHE_URL": cachetest.StartServer(t).URL(), "API_PASSWORD_HASH": testHash,
	}))
	logger := slog.New(slog.DiscardHandler)
	service, s := startSessions(t, settings, logger)
	hanging, mended := make(chan struct{}, 1), make(chan struct{})
	s.trouble.Changed(errors.New("the disk is full"))
	s.saves = background.NewCoalescer(func() error {
		wake(hanging)
		<-mended
		return nil
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); s.run(ctx) }()
	defer func() { close(mended); stop(); <-ended }()
	<-hanging
	other, _ := startSessions(t, settings, logger)
	token, err := other.Login(t.Context(), "ana", testPassword)
	if err != nil {
		t.Fatal(err)
	}
	caller, err := service.Verify(token.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	if !other.Logout(auth.NewContext(t.Context(), caller)) {
		t.Error("Logout = false, want true")
	}
	poll(t, "the replica with the hanging disk refuses the token", func() bool {
		_, err := service.Verify(token.AccessToken)
		return err != nil
	})
}
