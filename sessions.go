package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"time"

	"wisphub-graphql/auth"
	"wisphub-graphql/background"
	"wisphub-graphql/cache"
	"wisphub-graphql/cache/shared"
	"wisphub-graphql/config"
)

const (
	// sessionsName is the name of the file in CACHE_DIR and of the value in the shared store.
	sessionsName = "sessions"
	// sessionsTTL is the lifetime of the value in the shared store. No revoked token and no known
	// address is needed longer.
	sessionsTTL = 90 * 24 * time.Hour
	// sessionsTimeout is how long one write to the folder or the store may take. A logout waits for the
	// end of a write that is under way and for its own.
	sessionsTimeout = 2 * time.Second
	// sessionsCheckInterval is how often the value in the store is checked. The store may have been
	// flushed, or restarted from an old copy of its data.
	sessionsCheckInterval = 2 * time.Second
	// maxSessionsTries is how often a publication is repeated because another replica published
	// meanwhile.
	maxSessionsTries = 20
)

var errSessionsContended = errors.New("other replicas published at the same time, each time")

// sessions persists ended sessions and the known addresses of users, in CACHE_DIR and in the store
// that replicas share, if they are configured. Until a write succeeds, the data stays in memory
// and the write is repeated.
type sessions struct {
	service *auth.Service
	folder  *cache.Folder // nil for none
	store   *shared.Store // nil for none
	logger  *slog.Logger
	// saves and publications run save and publishSoon. Logouts at the same time share one run.
	saves, publications *background.Coalescer
	trouble             cache.Trouble
	changed             chan struct{} // has room for one: another replica has published
	retry               chan struct{} // has room for one: the store is back, or a write has failed
	// verified is the sum of the last value in the store that held all that this replica knows.
	verified atomic.Pointer[string]
}

// newSessions restores the sessions in CACHE_DIR and makes the service persist all changes.
func newSessions(settings *config.Settings, service *auth.Service, store *shared.Store, logger *slog.Logger) (*sessions, error) {
	s := &sessions{
		service: service, store: store, logger: logger, changed: make(chan struct{}, 1), retry: make(chan struct{}, 1),
	}
	s.saves, s.publications = background.NewCoalescer(s.save), background.NewCoalescer(s.publishSoon)
	if settings.CacheDir != "" {
		var err error
		// Not named after the tenant: a new WispHub key must not make revoked tokens valid again.
		if s.folder, err = openCacheDir(settings, sessionsName, logger); err != nil {
			return nil, err
		}
		_ = s.trouble.Changed(s.folder.Check()) // snapshots logs it; run tries again
		s.restore()
	}
	if store != nil {
		store.Subscribe(shared.TopicReconnected, func(string) { wake(s.retry) })
		store.Subscribe(shared.TopicEmptied, func(string) { wake(s.retry) })
		store.Subscribe(shared.TopicValues, func(key string) {
			if key == sessionsName {
				wake(s.changed)
			}
		})
		service.SyncLogins(store)
		wake(s.retry) // the store may have connected before the subscription
	}
	service.OnChange(s.persist)
	return s, nil
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (s *sessions) restore() {
	if err := s.readFolder(); err != nil {
		s.logger.Error("sessions in CACHE_DIR are unreadable; revoked tokens are valid again until they expire", "error", err)
	}
}

// readFolder merges the sessions in CACHE_DIR into the service.
func (s *sessions) readFolder() error {
	snapshot, err := s.folder.Read(sessionsName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	return s.service.ApplySnapshot(snapshot)
}

// run follows the other replicas until ctx ends, and then persists once more, because a logout may
// not have reached the store. Without folder and store it returns at once.
func (s *sessions) run(ctx context.Context) {
	if s.folder == nil && s.store == nil {
		return
	}
	ticker := time.NewTicker(sessionsCheckInterval)
	defer ticker.Stop()
	failed := false
	for {
		select {
		case <-s.changed:
			failed = !s.succeeded(s.publish(ctx)) || failed
		case <-s.retry:
			failed = !s.succeeded(s.publish(ctx))
		case <-ticker.C:
			failed = !s.succeeded(s.check(ctx, failed))
			if s.trouble.Failing() {
				s.saves.Begin() // not waited for: a disk may hang
			}
		case <-ctx.Done():
			_ = s.persist()() // save and publishSoon log it
			return
		}
	}
}

// persist begins to write to the folder and the store. Saved waits until both have been written, for
// twice the time of a write at most. A change that was made before persist is then in both.
func (s *sessions) persist() (saved func() error) {
	written := func(context.Context) error { return nil }
	published := written
	if s.folder != nil {
		written = s.saves.Begin()
	}
	if s.store != nil {
		published = s.publications.Begin()
	}
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 2*sessionsTimeout)
		defer cancel()
		return errors.Join(written(ctx), published(ctx))
	}
}

// save merges with the file and writes the result: during a restart, two processes write to the
// folder. The lock keeps one from replacing what the other has written since it was read.
func (s *sessions) save() error {
	err := s.saveLocked()
	switch {
	case !s.trouble.Changed(err):
	case err != nil:
		s.logger.Error("cannot write sessions to CACHE_DIR; keeping them in memory and trying again", "error", err)
	default:
		s.logger.Info("sessions are written to CACHE_DIR again")
	}
	return err
}

func (s *sessions) saveLocked() error {
	ctx, cancel := context.WithTimeout(context.Background(), sessionsTimeout)
	defer cancel()
	unlock, err := s.folder.Lock(ctx, sessionsName)
	if err != nil {
		return err
	}
	defer unlock()
	_ = s.readFolder() // an unreadable file is overwritten
	return s.folder.Write(sessionsName, s.service.Snapshot())
}

// publishSoon publishes within the time that a caller waits. After a failure, run tries again.
func (s *sessions) publishSoon() error {
	ctx, cancel := context.WithTimeout(context.Background(), sessionsTimeout)
	defer cancel()
	err := s.publish(ctx)
	if !s.succeeded(err) {
		wake(s.retry)
	}
	return err
}

// load merges what the other replicas have published into the service. It returns the value in the
// store, nil for none.
func (s *sessions) load(ctx context.Context) ([]byte, error) {
	snapshot, err := s.store.Get(ctx, sessionsName)
	if errors.Is(err, shared.ErrNoValue) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return snapshot, s.service.ApplySnapshot(snapshot)
}

// check publishes again if the last publication failed or the value in the store has changed. A
// replica that missed the message about a change, or a flush, learns of it here.
func (s *sessions) check(ctx context.Context, failed bool) error {
	if s.store == nil {
		return nil
	}
	verified := s.verified.Load()
	if failed || verified == nil {
		return s.publish(ctx)
	}
	sum, err := s.store.Sum(ctx, sessionsName)
	if err != nil || sum == *verified {
		return err
	}
	return s.publish(ctx)
}

// publish merges with the value in the store, and writes the result if the value lacks something. A
// write of another replica in between is merged as well. An unreadable value is overwritten.
func (s *sessions) publish(ctx context.Context) error {
	for range maxSessionsTries {
		published, err := s.load(ctx)
		if errors.Is(err, shared.ErrStoreLost) || ctx.Err() != nil {
			return cmp.Or(ctx.Err(), err)
		}
		sum := shared.SumOf(published)
		if published != nil && err == nil && !s.service.Lacks(published) {
			s.verified.Store(&sum)
			return nil
		}
		merged := s.service.Snapshot()
		swapped, err := s.store.Swap(ctx, sessionsName, sum, merged, sessionsTTL)
		if err != nil {
			return err
		}
		if sum = shared.SumOf(merged); swapped {
			s.verified.Store(&sum)
			return nil
		}
	}
	return errSessionsContended
}

// succeeded logs err and reports whether it is nil. Package cache logs when the store is lost.
func (s *sessions) succeeded(err error) bool {
	if err != nil && !errors.Is(err, shared.ErrStoreLost) && !errors.Is(err, context.Canceled) {
		s.logger.Error("cannot synchronize revoked sessions with the shared store", "error", err)
	}
	return err == nil
}
