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
	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/ratelimit"
)

// saveEvery is how much of the last good data, and of what was spent, a process that dies may take with it.
const saveEvery = time.Minute

// budgetFile is the name, among those of the data sets, under which the calls are kept that still count.
const budgetFile = "budget"

// keeper keeps in CACHE_DIR what is to outlive the process. A nil keeper keeps nothing.
type keeper struct {
	folder   *cache.Folder
	provider *isp.Provider
	api      *wisphub.API
	logger   *slog.Logger
}

func newKeeper(settings *Settings, provider *isp.Provider, api *wisphub.API, logger *slog.Logger) (*keeper, error) {
	if settings.CacheDir == "" {
		return nil, nil
	}
	folder, err := cache.OpenFolder(settings.CacheDir, tenant(settings))
	if err != nil {
		return nil, fmt.Errorf("CACHE_DIR: %w", withoutPath(err))
	}
	return &keeper{folder: folder, provider: provider, api: api, logger: logger}, nil
}

// tenant names the provider whose data it is, in a form that gives nothing away: what was kept for one key must never be
// served to another's users.
func tenant(settings *Settings) string {
	sum := sha256.Sum256([]byte(settings.WispHubNetHost + "\x00" + settings.WispHubNetKey.Reveal()))
	return fmt.Sprintf("%x", sum[:16])
}

// restore reads what an earlier process left. What it cannot read it says, and goes on without.
func (k *keeper) restore() {
	if k == nil {
		return
	}
	values, err := k.provider.Restore(k.folder)
	if err != nil {
		k.logger.Warn("some of CACHE_DIR could not be read and is left out", "error", err)
	}
	if err := k.restoreBudget(); err != nil {
		k.logger.Warn("CACHE_DIR does not tell what was spent", "error", err)
	}
	k.logger.Info("restored from CACHE_DIR", "values", values)
}

func (k *keeper) restoreBudget() error {
	file, err := k.folder.Read(budgetFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var spent []ratelimit.Call
	if err == nil {
		err = json.Unmarshal(file, &spent)
	}
	k.api.Restore(spent)
	return err
}

// run saves now and then until ctx ends, and once more then.
func (k *keeper) run(ctx context.Context) {
	if k == nil {
		return
	}
	ticker := time.NewTicker(saveEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			k.save()
		case <-ctx.Done():
			k.save()
			return
		}
	}
}

func (k *keeper) save() {
	spent, err := json.Marshal(k.api.Spent())
	if err == nil {
		err = k.folder.Write(budgetFile, spent)
	}
	if err := errors.Join(err, k.provider.Save(k.folder)); err != nil {
		k.logger.Error("CACHE_DIR could not be written", "error", err)
	}
}
