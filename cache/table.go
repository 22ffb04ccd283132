package cache

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
)

// For returns the same folder for another tenant.
func (f *Folder) For(tenant string) *Folder {
	return &Folder{path: f.path, tenant: tenant, signer: f.signer, tryLock: f.tryLock}
}

// Table is one file of a [Folder] that several processes change. It is safe for concurrent use.
type Table struct {
	folder *Folder
	name   string
}

// Table returns the table in the file of that name.
func (f *Folder) Table(name string) *Table { return &Table{folder: f, name: name} }

// Load returns the content, nil for none. A damaged file counts as none.
func (t *Table) Load(context.Context) ([]byte, error) {
	content, err := t.folder.Read(t.name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrDamaged) {
		return nil, nil
	}
	return content, err
}

// Swap replaces the content, and returns false if it is no longer old. It reads back what it wrote,
// because another process may write at the same time. Then the content is that of one of them.
func (t *Table) Swap(ctx context.Context, old, content []byte) (swapped bool, err error) {
	now, err := t.Load(ctx)
	if err != nil || !bytes.Equal(now, old) {
		return false, err
	}
	if err := t.folder.Write(t.name, content); err != nil {
		return false, err
	}
	now, err = t.Load(ctx)
	return bytes.Equal(now, content), err
}
