package isp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"wisphub-graphql/cache"
)

// savedOverride is an override on disk.
type savedOverride struct {
	Message []byte `json:"message"` // as it is published to replicas
	Ours    bool   `json:"ours,omitzero"`
}

// Save writes the overrides to folder, unless none has changed since the Save that returned saved
// and the file is still there. Lists on disk may be older than writes, which would be missing from
// the first answers after a restart.
func (o *overrides[T]) Save(folder *cache.Folder, saved uint64) (uint64, error) {
	version := o.version.Load()
	if version == saved && (saved == 0 || folder.Has(o.topic)) {
		return saved, nil
	}
	var all []savedOverride
	for _, known := range o.all() {
		message, err := o.encode([]T{known.record}, known.at)
		if err != nil {
			return saved, fmt.Errorf("%s: save: %w", o.topic, err)
		}
		all = append(all, savedOverride{message, known.ours})
	}
	file, err := json.Marshal(all)
	if err == nil {
		err = folder.Write(o.topic, file)
	}
	if err != nil {
		return saved, fmt.Errorf("%s: save: %w", o.topic, err)
	}
	return version, nil
}

// Restore reads what Save wrote and returns the number of overrides. Without a file it returns 0
// and no error.
func (o *overrides[T]) Restore(folder *cache.Folder) (restored int, err error) {
	file, err := folder.Read(o.topic)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	var all []savedOverride
	if err == nil {
		err = json.Unmarshal(file, &all)
	}
	for _, saved := range all {
		if err != nil {
			break
		}
		var records []T
		var at time.Time
		if records, at, err = o.decode(saved.Message); err == nil {
			restored += len(o.set(records, notAfterNow(at), saved.Ours))
		}
	}
	if err != nil {
		return restored, fmt.Errorf("%s: restore: %w", o.topic, err)
	}
	return restored, nil
}

// all returns the overrides in no order.
func (o *overrides[T]) all() []override[T] {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := make([]override[T], 0, len(o.records))
	for _, known := range o.records {
		all = append(all, known)
	}
	return all
}

// notAfterNow limits the time of another clock, which may be ahead.
func notAfterNow(at time.Time) time.Time {
	if now := time.Now(); at.After(now) {
		return now
	}
	return at
}
