package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"wisphub-graphql/auth"
)

// refusalPause is how often the audit is told at most that WispHub refuses the key: each call may be refused.
const refusalPause = time.Minute

// upstreamKey tells the audit of WispHub's key, and watches the file that it comes from, if it does.
type upstreamKey struct {
	*watchedFile
	set    func(key string)
	audit  *auth.Audit
	logger *slog.Logger

	mu      sync.Mutex
	key     Secret    // guarded by mu
	refused time.Time // when the audit was told of it last; guarded by mu
}

// newUpstreamKey returns a watcher to which the key of the settings is the file's. Set is called with each other one.
func newUpstreamKey(settings *Settings, audit *auth.Audit, logger *slog.Logger) *upstreamKey {
	k := &upstreamKey{watchedFile: watchFile(settings.WispHubNetKeyFile), audit: audit, logger: logger, key: settings.WispHubNetKey}
	k.read = nil // it was read before it was watched, and may have changed in between
	k.note("loaded")
	return k
}

// run looks at the file until ctx ends. Without a file it returns at once.
func (k *upstreamKey) run(ctx context.Context) { k.watch(ctx, k.look) }

func (k *upstreamKey) look() {
	if !k.changed() {
		return
	}
	key, err := k.readKey()
	if err != nil {
		k.note("unusable")
		k.logger.Error("the file of WISPHUB_NET_KEY has changed and cannot be used; the key of before stays", "error", err)
		return
	}
	k.mu.Lock()
	same := key.Reveal() == k.key.Reveal()
	k.key, k.refused = key, time.Time{}
	k.mu.Unlock()
	if !same {
		k.set(key.Reveal())
		k.note("changed")
	}
}

// readKey holds what the file says to the rules of the configuration.
func (k *upstreamKey) readKey() (Secret, error) {
	content, _, err := readPrivateFile(k.path)
	if err != nil {
		return Secret{}, err
	}
	var report settingsReport
	key := report.upstreamKey("WISPHUB_NET_KEY", newSecret(trimLineEnd(string(content))))
	return key, report.err()
}

// refuse is told of each call that WispHub refuses.
func (k *upstreamKey) refuse() {
	k.mu.Lock()
	again := time.Since(k.refused) < refusalPause
	if !again {
		k.refused = time.Now()
	}
	k.mu.Unlock()
	if !again {
		k.note("refused, or its user lacks a permission")
	}
}

func (k *upstreamKey) note(outcome string) {
	k.audit.Record(context.Background(), auth.Event{Action: "upstreamKey", User: "facade", Outcome: outcome})
}
