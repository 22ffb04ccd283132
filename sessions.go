package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"wisphub-graphql/auth"
	"wisphub-graphql/cache"
	"wisphub-graphql/cache/shared"
)

const (
	// sessionsName is that of the file and of the value in the store.
	sessionsName = "sessions"
	// sessionsLast is how long the store keeps them. No ended token and no known address has to be remembered for longer.
	sessionsLast = 90 * 24 * time.Hour
	// sessionsPatience is how long a logout waits for the store.
	sessionsPatience = 2 * time.Second
	// sessionsRetry is when what could not be kept is tried again.
	sessionsRetry = 10 * time.Second
)

// sessions keeps which tokens were ended, and from where users have logged in, beyond this process: in CACHE_DIR and in the store
// that replicas share, where there are such. What cannot be kept is kept in memory, and tried again.
type sessions struct {
	service *auth.Service
	folder  *cache.Folder // nil for none
	shared  *shared.Store // nil for none
	logger  *slog.Logger
	told    chan struct{} // holds one: another replica has published
	back    chan struct{} // holds one: the store was found, or could not be written to
}

// newSessions restores what an earlier process has left in CACHE_DIR and has the service keep its sessions from now on.
func newSessions(settings *Settings, service *auth.Service, store *shared.Store, logger *slog.Logger) (*sessions, error) {
	s := &sessions{
		service: service, shared: store, logger: logger, told: make(chan struct{}, 1), back: make(chan struct{}, 1),
	}
	if settings.CacheDir != "" {
		var err error
		// They are the facade's own and not a provider's: another key of WispHub must not revive them.
		if s.folder, err = cache.OpenFolder(settings.CacheDir, sessionsName); err != nil {
			return nil, fmt.Errorf("CACHE_DIR: %w", withoutPath(err))
		}
		s.restore()
	}
	if store != nil {
		store.Subscribe(shared.TopicReconnected, func(string) { wake(s.back) })
		store.Subscribe(shared.TopicValues, func(key string) {
			if key == sessionsName {
				wake(s.told)
			}
		})
		service.SyncLogins(store)
		wake(s.back) // it may have been found before anybody watched
	}
	service.OnChange(s.keep)
	return s, nil
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (s *sessions) restore() {
	if err := s.recall(); err != nil {
		s.logger.Error("CACHE_DIR does not tell which sessions were ended; those are good again until they expire", "error", err)
	}
}

// recall learns what is in the folder.
func (s *sessions) recall() error {
	kept, err := s.folder.Read(sessionsName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	return s.service.ApplySnapshot(kept)
}

// run hears of the other replicas until ctx ends, and saves and publishes once more then, for a logout may not have reached the
// store. Without folder and store it returns at once.
func (s *sessions) run(ctx context.Context) {
	if s.folder == nil && s.shared == nil {
		return
	}
	ticker := time.NewTicker(sessionsRetry)
	defer ticker.Stop()
	failed := false
	for {
		select {
		case <-s.told:
			failed = !s.try(s.load(ctx)) || failed
		case <-s.back:
			failed = !s.try(s.publish(ctx))
		case <-ticker.C:
			if failed {
				failed = !s.try(s.publish(ctx))
			}
		case <-ctx.Done():
			s.keep(ctx)
			return
		}
	}
}

// keep is called within a request, which may be over, and on stop.
func (s *sessions) keep(ctx context.Context) {
	s.save()
	if s.shared == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sessionsPatience)
	defer cancel()
	if !s.try(s.publish(ctx)) {
		wake(s.back)
	}
}

// save adds to what is in the folder: while one process takes over from another, both write there.
func (s *sessions) save() {
	if s.folder == nil {
		return
	}
	_ = s.recall() // what cannot be read is replaced
	if err := s.folder.Write(sessionsName, s.service.Snapshot()); err != nil {
		s.logger.Error("CACHE_DIR could not be written", "error", err)
	}
}

// load learns what the other replicas have published.
func (s *sessions) load(ctx context.Context) error {
	kept, err := s.shared.Get(ctx, sessionsName)
	if errors.Is(err, shared.ErrNoValue) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.service.ApplySnapshot(kept)
}

// publish adds what is known here to what the others know. It is done under a lease, so that two who publish at once
// lose nothing. What cannot be read is replaced.
func (s *sessions) publish(ctx context.Context) error {
	lease, err := s.shared.Lock(ctx, sessionsName)
	if err != nil {
		return err
	}
	if err := s.load(ctx); errors.Is(err, shared.ErrStoreLost) {
		return errors.Join(err, lease.Release(ctx))
	}
	return lease.ReleaseAndSet(ctx, s.service.Snapshot(), sessionsLast)
}

// try reports whether it went well. That the store is lost is logged where that is noticed.
func (s *sessions) try(err error) bool {
	if err != nil && !errors.Is(err, shared.ErrStoreLost) && !errors.Is(err, context.Canceled) {
		s.logger.Error("the shared store does not have all ended sessions", "error", err)
	}
	return err == nil
}
