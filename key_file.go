package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"wisphub-graphql/auth"
	"wisphub-graphql/config"
	"wisphub-graphql/tenant"
)

// refusedAuditInterval limits audit lines about a refused key, because WispHub may refuse every
// call.
const refusedAuditInterval = time.Minute

// keyFile watches WISPHUB_NET_KEY_FILE, if it is set, and records in the audit what happens to
// WispHub's key.
type keyFile struct {
	*watchedFile
	setKey   func(key string)
	identity *tenant.Identity
	audit    *auth.Audit
	logger   *slog.Logger

	mu        sync.Mutex
	key       config.Secret // guarded by mu
	refusedAt time.Time     // of the last audit line; guarded by mu
}

// newKeyFile starts with the key of the settings. Set setKey before run: it is called with each
// new key.
func newKeyFile(settings *config.Settings, identity *tenant.Identity, audit *auth.Audit, logger *slog.Logger) *keyFile {
	k := &keyFile{
		watchedFile: watchFile(settings.WispHubNetKeyFile), identity: identity, audit: audit, logger: logger,
		key: settings.WispHubNetKey,
	}
	k.used = nil // the settings were loaded before watchFile: the file may have changed since
	k.record("loaded")
	return k
}

// run checks the file until ctx ends. Without a file it returns at once.
func (k *keyFile) run(ctx context.Context) { k.watch(ctx, k.check) }

func (k *keyFile) check() {
	if !k.changed() {
		return
	}
	key, err := k.readKey()
	if err != nil {
		k.record("unusable")
		k.logger.Error("WISPHUB_NET_KEY file changed but is invalid; keeping the previous key", "error", err)
		return
	}
	k.mu.Lock()
	same := key.Reveal() == k.key.Reveal()
	k.key, k.refusedAt = key, time.Time{}
	k.mu.Unlock()
	if !same {
		k.setKey(key.Reveal())
		k.record("changed")
	}
}

func (k *keyFile) readKey() (config.Secret, error) {
	content, _, err := config.ReadPrivateFile(k.path)
	if err != nil {
		return config.Secret{}, err
	}
	return config.ParseUpstreamKey(config.TrimLineEnd(string(content)))
}

// onRefused is called after each call that WispHub refuses.
func (k *keyFile) onRefused() {
	k.mu.Lock()
	recent := time.Since(k.refusedAt) < refusedAuditInterval
	if !recent {
		k.refusedAt = time.Now()
	}
	k.mu.Unlock()
	if !recent {
		k.record("refused, or its user lacks a permission")
	}
}

// onCompany is called with the company that WispHub shows for a key. An error stops the use of the
// key.
func (k *keyFile) onCompany(key, company string) error {
	proven, err := k.identity.Observe(key, company)
	switch {
	case err != nil:
		k.record("belongs to another provider")
		k.logger.Error("the new WISPHUB_NET_KEY belongs to another provider, or shows none; nothing is sent with it. " +
			"Correct the file, or restart to serve the other provider")
	case !proven:
		k.logger.Warn("the provider of the previous WISPHUB_NET_KEY is not known; using the new key on trust")
	}
	return err
}

func (k *keyFile) record(outcome string) {
	k.audit.Record(context.Background(), auth.Event{Action: "upstreamKey", User: "facade", Outcome: outcome})
}
