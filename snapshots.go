package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/config"
	"wisphub-graphql/isp"
	"wisphub-graphql/tenant"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/ratelimit"
)

// snapshotInterval is how much data a process that is killed can lose.
const snapshotInterval = time.Minute

// budgetFile is the name of the snapshot of the calls that still count against the request budget.
const budgetFile = "budget"

const (
	// namesFile begins the name of the table of a host's providers.
	namesFile = "names"
	// nameTimeout is how long the start waits for WispHub to show which provider a new key belongs to.
	nameTimeout = 8 * time.Second
)

// bootTime is the clock that tells how long ago calls were sent, whatever happens to the wall
// clock. Only main sets it, because tests have a virtual wall clock.
var bootTime = func() cache.BootTime { return cache.BootTime{} }

// savedCall is a call in the snapshot of the budget.
type savedCall struct {
	ratelimit.Call
	cache.BootTime
}

// snapshots saves data in CACHE_DIR and restores it after a restart. Until it is known which provider
// the key belongs to, it does neither. A nil *snapshots does nothing.
type snapshots struct {
	names    *tenant.Resolver
	table    *cache.Table
	base     *cache.Folder
	folder   *cache.Folder // the base for the provider; nil until that is known
	name     string        // of the provider
	identity *tenant.Identity
	learned  chan struct{} // has room for one: the company of the key became known
	provider *isp.Provider
	api      *wisphub.API
	logger   *slog.Logger
	trouble  cache.Trouble
	unread   bool  // the disk failed when the files were read
	namesErr error // of the disk, when the name was last asked for
}

// newSnapshots returns nil without CACHE_DIR.
func newSnapshots(
	settings *config.Settings, identity *tenant.Identity, provider *isp.Provider, api *wisphub.API, logger *slog.Logger,
) (*snapshots, error) {
	if settings.CacheDir == "" {
		return nil, nil
	}
	base, err := openCacheDir(settings, namesFile, logger)
	if err != nil {
		return nil, err
	}
	if config.IsFolderExposed(settings.CacheDir) {
		logger.Warn("others may write to CACHE_DIR; chmod 700 it, and let the facade own it")
	}
	s := &snapshots{
		names: identity.NewResolver(), table: base.Table(namesFile + " " + tenant.HostName(settings.WispHubNetHost)),
		base: base, identity: identity, learned: make(chan struct{}, 1), provider: provider, api: api, logger: logger,
	}
	s.report(base.Check())
	identity.OnChange(func() { wake(s.learned) })
	return s, nil
}

// openCacheDir opens CACHE_DIR. Its files carry a check with a key of JWT_SECRET_KEY.
func openCacheDir(settings *config.Settings, tenant string, logger *slog.Logger) (*cache.Folder, error) {
	keys := [][]byte{cache.SealKey([]byte(settings.JWTSecretKey.Reveal()))}
	if previous := settings.JWTSecretKeyPrevious; !previous.IsZero() {
		keys = append(keys, cache.SealKey([]byte(previous.Reveal())))
	}
	folder, err := cache.OpenSealedFolder(settings.CacheDir, tenant, cache.SealOptions{
		Keys: keys,
		OnTampering: func(file string, err error) {
			logger.Error("a file in CACHE_DIR is not what the facade wrote", "file", file, "error", err)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("CACHE_DIR: %w", config.WithoutPath(err))
	}
	return folder, nil
}

// report logs that the disk fails, and that it works again, once each.
func (s *snapshots) report(err error) {
	switch {
	case !s.trouble.Changed(err):
	case err != nil:
		s.logger.Error("cannot write snapshots to CACHE_DIR; serving from memory and trying again each minute", "error", err)
	default:
		s.logger.Info("snapshots are written to CACHE_DIR again")
	}
}

// restore loads the snapshots of an earlier process. If only WispHub can tell whose they are, it
// waits a while for the answer.
func (s *snapshots) restore() {
	if s == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), nameTimeout)
	defer cancel()
	if s.open(ctx); s.folder == nil {
		s.logger.Warn("it is not known yet which provider WISPHUB_NET_KEY belongs to; " +
			"snapshots in CACHE_DIR are neither read nor written until WispHub shows it")
	}
}

// open finds the name of the provider, and loads the snapshots of that name. The name changes if the
// company shows that the provider had another name before.
func (s *snapshots) open(ctx context.Context) {
	name, err := s.names.Resolve(ctx, s.table)
	if s.namesErr = nil; err != nil && !errors.Is(err, tenant.ErrUnknown) && ctx.Err() == nil {
		s.namesErr = err
	}
	if name == "" || name == s.name {
		return
	}
	s.name, s.folder = name, s.base.For(name)
	s.load()
	s.open(ctx) // records the company that the clients show
}

// load logs what it cannot read, and continues without it.
func (s *snapshots) load() {
	values, err := s.provider.Restore(s.folder)
	if err != nil {
		s.logger.Warn("some snapshots in CACHE_DIR are unreadable; starting without them", "error", err)
	}
	budgetErr := s.restoreBudget()
	if budgetErr != nil {
		s.logger.Warn("the request budget in CACHE_DIR is unreadable; calls before the start do not count", "error", budgetErr)
	}
	_, s.unread = errors.AsType[*fs.PathError](errors.Join(err, budgetErr))
	s.identity.Suggest(s.provider.Clients.Company())
	s.logger.Info("restored snapshots from CACHE_DIR", "values", values)
}

func (s *snapshots) restoreBudget() error {
	file, err := s.folder.Read(budgetFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var saved []savedCall
	if err == nil {
		err = json.Unmarshal(file, &saved)
	}
	now, boot := time.Now(), bootTime()
	calls := make([]ratelimit.Call, len(saved))
	for i, call := range saved {
		calls[i] = call.Call
		if age, known := boot.Since(call.BootTime); known {
			calls[i].At = now.Add(-age)
		}
	}
	s.api.Restore(calls)
	return err
}

// encodeBudget returns the calls that still count, for restoreBudget. Versions without the boot
// time ignore it.
func (s *snapshots) encodeBudget() ([]byte, error) {
	boot, saved := bootTime(), []savedCall{}
	for _, call := range s.api.Spent() {
		saved = append(saved, savedCall{call, boot.Before(time.Since(call.At))})
	}
	return json.Marshal(saved)
}

// run saves at each interval and once more when ctx ends.
func (s *snapshots) run(ctx context.Context) {
	if s == nil {
		return
	}
	ticker := time.NewTicker(snapshotInterval)
	defer ticker.Stop()
	for {
		select {
		case <-s.learned:
			s.open(ctx)
		case <-ticker.C:
			s.open(ctx)
			s.save()
		case <-ctx.Done():
			if s.folder != nil {
				s.open(context.WithoutCancel(ctx)) // without a call: the name is known
			}
			s.save()
			return
		}
	}
}

// save first reads files that the disk withheld at the start, because it replaces them.
func (s *snapshots) save() {
	if s.namesErr != nil {
		s.open(context.Background()) // the disk may be well again
	}
	if s.folder == nil {
		s.report(s.namesErr)
		return
	}
	if s.unread {
		s.load()
	}
	calls, err := s.encodeBudget()
	if err == nil {
		err = s.folder.Write(budgetFile, calls)
	}
	s.report(errors.Join(s.namesErr, err, s.provider.Save(s.folder)))
}
