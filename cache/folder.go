package cache

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// ErrDamaged is returned by [Folder.Read] for an unusable file: it is damaged, or
// was written by another version or for another provider.
var ErrDamaged = errors.New("cache: unusable snapshot")

const (
	snapshotSuffix = ".snapshot"
	// No snapshot name contains a dot, so only temporary files match this.
	temporarySuffix = ".*.tmp"
	// temporaryLifetime is more than a write takes.
	temporaryLifetime = time.Minute
)

// Folder stores snapshots on disk, one file per name. It is safe for concurrent
// use, also by several processes.
type Folder struct {
	path   string
	tenant string
	signer *signer // nil for none
	// tryLock locks a file. Tests replace it by that of file systems without locks.
	tryLock func(*os.File) error
}

// OpenFolder returns the folder at path. It fails only if the path can never be
// a folder, for example because a part of it is a file. A disk that is full,
// read-only or not accessible may recover: see [Folder.Check]. Tenant is any text
// that identifies the provider: Read refuses files of other tenants.
func OpenFolder(path, tenant string) (*Folder, error) {
	if err := makeFolder(path); path == "" || isWrongPath(err) {
		return nil, fmt.Errorf("cache folder: %w", err)
	}
	f := &Folder{path: path, tenant: tenant, tryLock: tryLock}
	_ = f.Check() // for its cleaning; callers check again
	return f, nil
}

// OpenSealedFolder is [OpenFolder] with a keyed check over every file. Read refuses a file that was
// changed, replaced by an earlier one, or moved, and reports it. It accepts files without the check,
// which an earlier version wrote, as long as no file has it: these are signed now.
func OpenSealedFolder(path, tenant string, options SealOptions) (*Folder, error) {
	f, err := OpenFolder(path, tenant)
	if err != nil {
		return nil, err
	}
	f.signer = newSigner(options, path)
	_ = f.adopt() // the disk may recover; until then the files are read as they are
	return f, nil
}

// isWrongPath reports whether err is about the path and not about the disk.
func isWrongPath(err error) bool {
	wrong := []error{syscall.ENOTDIR, syscall.EINVAL, syscall.ENAMETOOLONG, syscall.ELOOP}
	return slices.ContainsFunc(wrong, func(w error) bool { return errors.Is(err, w) })
}

// Check creates the folder if needed, with access for its owner only, and
// reports why it is not writable. It removes the temporary files of a crashed
// process, a minute after they were written: others may be of a process that
// stops while this one starts.
func (f *Folder) Check() error {
	err := makeFolder(f.path)
	if err == nil {
		err = f.removeTemporary()
	}
	var probe string
	if err == nil {
		probe, err = f.writeTemporary("probe"+snapshotSuffix, []byte("probe"))
	}
	if err == nil {
		err = os.Remove(probe)
	}
	if err != nil {
		return fmt.Errorf("cache folder: %w", err)
	}
	return nil
}

// makeFolder does not change the permissions of an existing folder.
func makeFolder(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return os.Chmod(path, 0o700) // regardless of the umask
}

func (f *Folder) removeTemporary() error {
	files, err := os.ReadDir(f.path)
	if err != nil {
		return err
	}
	for _, file := range files {
		matches, err := filepath.Match("*"+snapshotSuffix+temporarySuffix, file.Name())
		if err != nil {
			panic(err) // only for a malformed pattern
		}
		if !matches || file.IsDir() || isRecent(file) {
			continue
		}
		err = os.Remove(filepath.Join(f.path, file.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// isRecent reports whether a process may still write the file. A date in the
// future is of a wrong clock.
func isRecent(file fs.DirEntry) bool {
	info, err := file.Info()
	return err == nil && time.Since(info.ModTime()).Abs() < temporaryLifetime
}

// Write replaces the file of that name. A name consists of a to z, 0 to 9,
// spaces, dashes and underscores. A reader sees the old payload or the new one,
// never a part, even after a crash. Of concurrent writes one wins.
func (f *Folder) Write(name string, payload []byte) error {
	file, err := fileOf(name)
	if err != nil {
		return err
	}
	sealed := seal(f.kind(name), payload)
	if max(len(payload), len(sealed)) > sealMax {
		return fmt.Errorf("snapshot %q: %d bytes exceed the limit of %d", name, len(payload), sealMax)
	}
	if f.signer != nil {
		err = f.replaceSigned(file, sealed)
	} else {
		err = f.replace(file, sealed)
	}
	if err != nil {
		return fmt.Errorf("snapshot %q: %w", name, err)
	}
	return nil
}

// replace replaces a file.
func (f *Folder) replace(file string, sealed []byte) error {
	temporary, err := f.writeTemporary(file, sealed)
	if errors.Is(err, fs.ErrNotExist) && makeFolder(f.path) == nil { // the folder was deleted
		temporary, err = f.writeTemporary(file, sealed)
	}
	if err != nil {
		return err
	}
	// Unlike opening the file, renaming replaces a symbolic link without following it.
	if err := os.Rename(temporary, filepath.Join(f.path, file)); err != nil {
		_ = os.Remove(temporary) // the error of Rename is the cause
		return err
	}
	return f.sync()
}

// writeTemporary returns the path of a new file whose content is synced to disk.
func (f *Folder) writeTemporary(file string, content []byte) (string, error) {
	temporary, err := os.CreateTemp(f.path, file+temporarySuffix)
	if err != nil {
		return "", err
	}
	err = temporary.Chmod(0o600) // regardless of the umask
	if err == nil {
		_, err = temporary.Write(content)
	}
	if err == nil {
		err = temporary.Sync() // a crash after the rename could otherwise leave an empty file
	}
	if err = errors.Join(err, temporary.Close()); err != nil {
		_ = os.Remove(temporary.Name()) // the earlier error is the cause
		return "", err
	}
	return temporary.Name(), nil
}

// sync makes a rename survive a crash.
func (f *Folder) sync() error {
	folder, err := os.Open(f.path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Has reports whether the file of that name exists.
func (f *Folder) Has(name string) bool {
	file, err := fileOf(name)
	if err != nil {
		return false
	}
	_, err = os.Lstat(filepath.Join(f.path, file))
	return err == nil
}

// Read returns the payload of the last Write under that name. The error is
// [fs.ErrNotExist] if there is no file, and [ErrDamaged] if it is unusable.
func (f *Folder) Read(name string) ([]byte, error) {
	file, err := fileOf(name)
	if err != nil {
		return nil, err
	}
	sealed, err := f.read(file)
	if err != nil {
		return nil, fmt.Errorf("snapshot %q: %w", name, err)
	}
	payload, err := unseal(f.kind(name), sealed)
	if err != nil {
		return nil, fmt.Errorf("snapshot %q %w: %w", name, err, ErrDamaged)
	}
	return payload, nil
}

func (f *Folder) read(file string) ([]byte, error) {
	if f.signer != nil {
		return f.readSigned(file)
	}
	return readBounded(filepath.Join(f.path, file))
}

// readBounded refuses what Write never creates: pipes, which never end,
// folders, links and oversized files.
func readBounded(path string) ([]byte, error) {
	if info, err := os.Lstat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: not a regular file", ErrDamaged)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat() // again, because a Write may have replaced the file
	if err != nil {
		return nil, err
	}
	if info.Size() > sealMax {
		return nil, fmt.Errorf("%w: %d bytes exceed the limit of %d", ErrDamaged, info.Size(), sealMax)
	}
	sealed := make([]byte, info.Size())
	_, err = io.ReadFull(file, sealed)
	return sealed, err
}

// kind is unambiguous, because a name contains no NUL.
func (f *Folder) kind(name string) string { return name + "\x00" + f.tenant }

func fileOf(name string) (string, error) {
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789 _-") != "" {
		return "", fmt.Errorf("snapshot %q: a name consists of a-z, 0-9, spaces, dashes and underscores", name)
	}
	return strings.ReplaceAll(name, " ", "-") + snapshotSuffix, nil
}
