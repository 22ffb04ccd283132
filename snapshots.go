package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/config"
	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/ratelimit"
)

// snapshotInterval is how much data a process that is killed can lose.
const snapshotInterval = time.Minute

// budgetFile is the name of the snapshot of the calls that still count against the request budget.
const budgetFile = "budget"

// bootTime is the clock that tells how long ago calls were sent, whatever happens to the wall
// clock. Only main sets it, because tests have a virtual wall clock.
var bootTime = func() cache.BootTime { return cache.BootTime{} }

// savedCall is a call in the snapshot of the budget.
type savedCall struct {
	ratelimit.Call
	cache.BootTime
}

// snapshots saves data in CACHE_DIR and restores it after a restart. A nil *snapshots does
// nothing.
type snapshots struct {
	folder   *cache.Folder
	provider *isp.Provider
	api      *wisphub.API
	logger   *slog.Logger
	trouble  cache.Trouble
	unread   bool // the disk failed when the files were read
}

// newSnapshots returns nil without CACHE_DIR.
func newSnapshots(settings *config.Settings, provider *isp.Provider, api *wisphub.API, logger *slog.Logger) (*snapshots, error) {
	if settings.CacheDir == "" {
		return nil, nil
	}
	folder, err := cache.OpenFolder(settings.CacheDir, tenant(settings))
	if err != nil {
		return nil, fmt.Errorf("CACHE_DIR: %w", config.WithoutPath(err))
	}
	s := &snapshots{folder: folder, provider: provider, api: api, logger: logger}
	s.report(folder.Check())
	return s, nil
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

// tenant identifies the provider that data belongs to, without revealing its key. Data read with
// one key must never be served to the users of another.
func tenant(settings *config.Settings) string {
	sum := sha256.Sum256([]byte(settings.WispHubNetHost + "\x00" + settings.WispHubNetKey.Reveal()))
	return fmt.Sprintf("%x", sum[:16])
}

// restore loads the snapshots of an earlier process. It logs what it cannot read, and continues
// without it.
func (s *snapshots) restore() {
	if s == nil {
		return
	}
	values, err := s.provider.Restore(s.folder)
	if err != nil {
		s.logger.Warn("some snapshots in CACHE_DIR are unreadable; starting without them", "error", err)
	}
	budgetErr := s.restoreBudget()
	if budgetErr != nil {
		s.logger.Warn("the request budget in CACHE_DIR is unreadable; calls before the start do not count", "error", budgetErr)
	}
	_, s.unread = errors.AsType[*fs.PathError](errors.Join(err, budgetErr))
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
		case <-ticker.C:
			s.save()
		case <-ctx.Done():
			s.save()
			return
		}
	}
}

// save first reads files that the disk withheld at the start, because it replaces them.
func (s *snapshots) save() {
	if s.unread {
		s.restore()
	}
	calls, err := s.encodeBudget()
	if err == nil {
		err = s.folder.Write(budgetFile, calls)
	}
	s.report(errors.Join(err, s.provider.Save(s.folder)))
}
