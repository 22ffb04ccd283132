package shared

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/valkey-io/valkey-go"
)

// tableTTL is how long the table of names lasts after its last change. Running
// replicas write it again.
const tableTTL = 400 * 24 * time.Hour

// unnamed is every key before the first name is known. It is never sent.
const unnamed = ""

var errRenamed = errors.New("another replica had another name for the same data first; moving there")

// naming is how a store gets its namespace.
type naming struct {
	recheck   chan struct{} // has room for one
	namespace string
	choose    func(ctx context.Context, names *Table) (string, error) // nil: the namespace is the name
}

// Table is a value in which replicas agree on their names, see [Config].Name.
type Table struct {
	c   *connection
	key string
}

// Load returns the content, nil for none.
func (t *Table) Load(ctx context.Context) (content []byte, err error) {
	err = t.c.do(ctx, valueTimeout, func(ctx context.Context, c *connection) (err error) {
		content, err = c.values.Do(ctx, c.values.B().Get().Key(t.key).Build()).AsBytes()
		if valkey.IsValkeyNil(err) {
			content, err = nil, nil
		}
		return err
	})
	return content, err
}

// Swap replaces the content, and returns false if it is no longer old. After an
// error it may be replaced or not.
func (t *Table) Swap(ctx context.Context, old, content []byte) (swapped bool, err error) {
	err = t.c.do(ctx, valueTimeout, func(ctx context.Context, c *connection) (err error) {
		swapped, err = c.swap(ctx, t.key, SumOf(old), content, tableTTL, "", "")
		return err
	})
	return swapped, err
}

// chooseName sets the namespace for a connection that is not used yet.
func (s *Store) chooseName(c *connection) error {
	if s.naming.choose == nil {
		return nil
	}
	name, err := s.naming.choose(s.ctx, s.table(c))
	if err == nil {
		s.setNamespace(name)
	}
	return err
}

// CheckName asks for the name again, soon, because this replica has learned
// something about it.
func (s *Store) CheckName() {
	select {
	case s.naming.recheck <- struct{}{}:
	default:
	}
}

// checkName loses c if the name is no longer that of its namespace.
func (s *Store) checkName(c *connection) {
	if s.naming.choose == nil || c.ctx.Err() != nil {
		return
	}
	name, err := s.naming.choose(c.ctx, s.table(c))
	if err == nil && prefixOf(name) != *s.prefix.Load() {
		c.lose(errRenamed)
	}
}

func (s *Store) table(c *connection) *Table {
	return &Table{c, prefixOf(s.naming.namespace) + "names:"}
}

func (s *Store) setNamespace(name string) {
	prefix := prefixOf(name)
	s.prefix.Store(&prefix)
}

// prefixOf escapes the namespace, so that none followed by a kind equals
// another one.
func prefixOf(namespace string) string { return url.QueryEscape(namespace) + ":" }

// isUnnamed reports whether keys were made before the name was known.
func isUnnamed(keys []string) bool { return slices.Contains(keys, unnamed) }
