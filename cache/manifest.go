package cache

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// manifestFile lists the other files. No snapshot has an upper-case name.
	manifestFile = "MANIFEST" + snapshotSuffix
	manifestKind = "manifest"
	// absent stands for the digest of a file that does not exist.
	absent = "absent"
	// manifestLockTimeout is more than a write takes. A process that hangs must not stop the logouts of
	// others.
	manifestLockTimeout = 5 * time.Second
)

// manifest says which content each file of a folder has. It is written before the file: after a crash
// in between, the file still has what Before says.
type manifest struct {
	Files map[string]manifestEntry `json:"files"`
}

type manifestEntry struct {
	Now string `json:"now"`
	// Before is set until it is known that the file was written.
	Before string `json:"before,omitempty"`
}

func (e manifestEntry) allows(digest string) bool {
	return digest == e.Now || e.Before != "" && digest == e.Before
}

// readManifest returns the manifest; nil if there is none, and errSignature if it is not ours.
func (f *Folder) readManifest() (*manifest, error) {
	signed, err := readBounded(filepath.Join(f.path, manifestFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil && !errors.Is(err, ErrDamaged):
		return nil, err
	}
	var payload []byte
	if err == nil {
		payload, err = f.signer.open(manifestFile, signed)
	}
	if err == nil {
		payload, err = unseal(manifestKind, payload)
	}
	m := &manifest{}
	if err != nil || json.Unmarshal(payload, m) != nil {
		return nil, errSignature
	}
	return m, nil
}

// writeManifest replaces the manifest. The folder must be locked.
func (f *Folder) writeManifest(m *manifest) error {
	payload, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return f.replace(manifestFile, f.signer.sign(manifestFile, seal(manifestKind, payload)))
}

// replaceSigned signs the content and replaces a file with it, and notes it in the manifest first.
func (f *Folder) replaceSigned(file string, content []byte) error {
	signed := f.signer.sign(file, content)
	unlock, err := f.lock()
	if err != nil {
		return err
	}
	defer unlock()
	m, err := f.readManifest()
	if err != nil && !errors.Is(err, errSignature) {
		return err
	}
	if m == nil || m.Files == nil {
		m = &manifest{map[string]manifestEntry{}}
	}
	f.confirm(m)
	digest := digestOf(signed)
	m.Files[file] = manifestEntry{digest, f.digestBefore(m, file)}
	if err = f.writeManifest(m); err == nil {
		err = f.replace(file, signed)
	}
	if err == nil {
		f.signer.written[file] = digest
		f.signer.report(file, nil)
	}
	return err
}

// lock keeps other callers and other processes from changing the folder until unlock.
func (f *Folder) lock() (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(context.Background(), manifestLockTimeout)
	defer cancel()
	f.signer.writing.Lock()
	release, err := f.Lock(ctx, manifestKind)
	if err != nil {
		f.signer.writing.Unlock()
		return nil, err
	}
	return func() { release(); f.signer.writing.Unlock() }, nil
}

// confirm notes the files that this process has written.
func (f *Folder) confirm(m *manifest) {
	for file, digest := range f.signer.written {
		if entry := m.Files[file]; entry.Now == digest {
			m.Files[file] = manifestEntry{Now: digest}
		}
		delete(f.signer.written, file)
	}
}

// digestBefore returns the digest of a file that is about to be replaced. If the manifest does not know
// it, because a write failed or another process has just written, the file itself shows it.
func (f *Folder) digestBefore(m *manifest, file string) string {
	entry, known := m.Files[file]
	if known && entry.Before == "" {
		return entry.Now
	}
	digest := f.digestOnDisk(file)
	if known && !entry.allows(digest) {
		f.signer.report(file, errReplaced)
		return entry.Now
	}
	return digest
}

func (f *Folder) digestOnDisk(file string) string {
	content, err := readBounded(filepath.Join(f.path, file))
	if err != nil {
		return absent
	}
	return digestOf(content)
}

// check returns the content of a file as it was read, or what is wrong with it.
func (f *Folder) check(file string, signed []byte, readErr error) ([]byte, error) {
	m, err := f.readManifest()
	if m == nil {
		m = &manifest{}
	}
	entry, listed := m.Files[file]
	if errors.Is(readErr, fs.ErrNotExist) {
		if listed && !entry.allows(absent) {
			return nil, errors.Join(errDeleted, readErr)
		}
		return nil, readErr
	}
	if readErr != nil {
		return nil, readErr
	}
	content, openErr := f.signer.open(file, signed)
	switch {
	case errors.Is(openErr, errUnsigned) && m.Files == nil && err == nil:
		return signed, nil // of an earlier version
	case openErr != nil:
		return nil, openErr
	case listed && !entry.allows(digestOf(signed)):
		return nil, errReplaced
	}
	switch {
	case err != nil:
		f.signer.report(manifestFile, err)
	case m.Files == nil:
		f.signer.report(manifestFile, errNoManifest)
	}
	return content, nil
}

// readSigned reads a file and checks it. Another process may replace it at the same time, so what is
// wrong must be so while no process writes.
func (f *Folder) readSigned(file string) ([]byte, error) {
	read := func() ([]byte, error) {
		signed, err := readBounded(filepath.Join(f.path, file))
		return f.check(file, signed, err)
	}
	content, err := read()
	if isTampering(err) {
		if unlock, lockErr := f.lock(); lockErr == nil {
			content, err = read()
			unlock()
		}
	}
	if isTampering(err) {
		f.signer.report(file, err)
		if !errors.Is(err, errDeleted) {
			err = errors.Join(err, ErrDamaged)
		}
	}
	return content, err
}

func isTampering(err error) bool {
	for _, sign := range []error{errUnsigned, errSignature, errReplaced, errDeleted} {
		if errors.Is(err, sign) {
			return true
		}
	}
	return false
}

// adopt signs the files of an earlier version, once: while there is no manifest.
func (f *Folder) adopt() error {
	if m, err := f.readManifest(); m != nil || err != nil {
		return nil
	}
	unlock, err := f.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if m, err := f.readManifest(); m != nil || err != nil {
		return nil
	}
	files, err := os.ReadDir(f.path)
	if err != nil {
		return err
	}
	m, unsigned := &manifest{map[string]manifestEntry{}}, 0
	for _, entry := range files {
		file := entry.Name()
		content, err := readBounded(filepath.Join(f.path, file))
		if !strings.HasSuffix(file, snapshotSuffix) || err != nil {
			continue
		}
		if !isSigned(content) {
			unsigned++
			content = f.signer.sign(file, content)
			if err := f.replace(file, content); err != nil {
				return err
			}
		}
		m.Files[file] = manifestEntry{Now: digestOf(content)}
	}
	if len(m.Files) > unsigned { // a crash between the files, or the manifest was deleted
		f.signer.report(manifestFile, errNoManifest)
	}
	if len(m.Files) == 0 {
		return nil // the first write makes the manifest
	}
	return f.writeManifest(m)
}
