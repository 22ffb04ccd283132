package tenant

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
)

// maxTries is how often a table is read again because another process has changed it.
const maxTries = 10

var errContended = errors.New("tenant: other processes change the table of names all the time")

// Table is where one folder or store keeps the names of its providers.
type Table interface {
	// Load returns the content, nil for none.
	Load(ctx context.Context) ([]byte, error)
	// Swap replaces the content, unless it is no longer old. After an error it may be replaced or not.
	Swap(ctx context.Context, old, content []byte) (swapped bool, err error)
}

// Resolver finds the name of the provider in the table of one folder or store. Two tables may have
// different names for one provider. It is safe for concurrent use.
type Resolver struct {
	identity *Identity

	mu  sync.Mutex
	own string // the last name; guarded by mu
	key string // the hash of the key that the table has for that name, "" for none; guarded by mu
}

// NewResolver returns a resolver for one table.
func (i *Identity) NewResolver() *Resolver { return &Resolver{identity: i} }

// Resolve returns the name under which the provider's data is kept, and records in the table what
// this process knows. The name changes if another process had another name for the provider first:
// ask again from time to time. If only WispHub can tell, Resolve reads the company once. The error
// is [ErrUnknown] if that fails: then leave the data alone. If the table cannot be written, Resolve
// returns both the name and an error.
func (r *Resolver) Resolve(ctx context.Context, names Table) (string, error) {
	for range maxTries {
		name, err := r.try(ctx, names)
		if errors.Is(err, ErrUnknown) {
			if err = r.identity.learn(ctx); err == nil {
				continue
			}
		}
		if err != nil || name != "" {
			return name, err
		}
	}
	return "", errContended
}

// try returns "" if the table changed meanwhile.
func (r *Resolver) try(ctx context.Context, names Table) (string, error) {
	old, err := names.Load(ctx)
	if err != nil {
		return "", err
	}
	facts := r.identity.facts()
	r.mu.Lock()
	facts.own = r.own
	facts.proven = facts.proven || facts.key == r.key
	r.mu.Unlock()
	found, next, err := decodeTable(old).resolve(facts)
	if err != nil {
		return "", err
	}
	if content := next.encode(); !bytes.Equal(content, old) && len(next) > 0 {
		if swapped, err := names.Swap(ctx, old, content); err != nil {
			return found.Name, err
		} else if !swapped {
			return "", nil
		}
	}
	r.identity.record(found.Company)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.own = found.Name; slices.Contains(found.Keys, facts.key) {
		r.key = facts.key
	}
	return found.Name, nil
}
