package cache

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrDamaged answers a [Folder.Read] of a file that is there and cannot be
// used: it is damaged, or written by another version or for another provider.
var ErrDamaged = errors.New("cache: unusable snapshot")

const (
	snapshotSuffix = ".snapshot"
	// No name has a dot, so that nothing but our own temporary files has this.
	temporarySuffix = ".*.tmp"
)

// Folder keeps snapshots in files, one a name, so that they outlive the
// process. It is safe for concurrent use, by several processes too.
type Folder struct {
	path   string
	tenant string
}

// OpenFolder makes the folder if need be, readable by its owner alone, and
// proves that it can be written to. What a crash left half written is removed;
// a process that is writing there at this moment sees its Write fail. Tenant is
// any text that names the provider: files of another's are never served.
func OpenFolder(path, tenant string) (*Folder, error) {
	if err := makeFolder(path); err != nil {
		return nil, fmt.Errorf("cache folder: %w", err)
	}
	f := &Folder{path: path, tenant: tenant}
	if err := f.removeTemporary(); err != nil {
		return nil, fmt.Errorf("cache folder: %w", err)
	}
	probe, err := f.writeTemporary("probe"+snapshotSuffix, []byte("probe"))
	if err == nil {
		err = os.Remove(probe)
	}
	if err != nil {
		return nil, fmt.Errorf("cache folder: %w", err)
	}
	return f, nil
}

// makeFolder leaves the permissions of a folder that is there to who made it.
func makeFolder(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return os.Chmod(path, 0o700) // whatever the umask took away
}

func (f *Folder) removeTemporary() error {
	files, err := os.ReadDir(f.path)
	if err != nil {
		return err
	}
	for _, file := range files {
		left, err := filepath.Match("*"+snapshotSuffix+temporarySuffix, file.Name())
		if err != nil {
			panic(err) // only of a bad pattern
		}
		if !left || file.IsDir() {
			continue
		}
		if err := os.Remove(filepath.Join(f.path, file.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Write replaces the file of the name, made of a to z, 0 to 9, spaces, dashes
// and underscores. A reader sees the old payload or the new one, whole, also
// after a crash. Of writers at the same time one wins.
func (f *Folder) Write(name string, payload []byte) error {
	file, err := fileOf(name)
	if err != nil {
		return err
	}
	sealed := seal(f.kind(name), payload)
	if max(len(payload), len(sealed)) > sealMax {
		return fmt.Errorf("snapshot %q: %d bytes are more than Read takes", name, len(payload))
	}
	temporary, err := f.writeTemporary(file, sealed)
	if errors.Is(err, fs.ErrNotExist) && makeFolder(f.path) == nil { // somebody has tidied up
		temporary, err = f.writeTemporary(file, sealed)
	}
	if err != nil {
		return fmt.Errorf("snapshot %q: %w", name, err)
	}
	// Rename replaces a symbolic link too, where opening the file would follow it.
	if err := os.Rename(temporary, filepath.Join(f.path, file)); err != nil {
		_ = os.Remove(temporary) // the rename's error says more
		return fmt.Errorf("snapshot %q: %w", name, err)
	}
	if err := f.sync(); err != nil {
		return fmt.Errorf("snapshot %q: %w", name, err)
	}
	return nil
}

// writeTemporary returns the path of a new file whose content is on the disk.
func (f *Folder) writeTemporary(file string, content []byte) (string, error) {
	temporary, err := os.CreateTemp(f.path, file+temporarySuffix)
	if err != nil {
		return "", err
	}
	err = temporary.Chmod(0o600) // whatever the umask took away
	if err == nil {
		_, err = temporary.Write(content)
	}
	if err == nil {
		err = temporary.Sync() // or a crash could leave the new name with nothing behind it
	}
	if err = errors.Join(err, temporary.Close()); err != nil {
		_ = os.Remove(temporary.Name()) // the error before says more
		return "", err
	}
	return temporary.Name(), nil
}

// sync makes the folder remember a rename.
func (f *Folder) sync() error {
	folder, err := os.Open(f.path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// has reports whether there is anything under the name.
func (f *Folder) has(name string) bool {
	file, err := fileOf(name)
	if err != nil {
		return false
	}
	_, err = os.Lstat(filepath.Join(f.path, file))
	return err == nil
}

// Read returns what Write wrote last under the name. The error is
// [fs.ErrNotExist] when there is nothing, and [ErrDamaged] when it is unusable.
func (f *Folder) Read(name string) ([]byte, error) {
	file, err := fileOf(name)
	if err != nil {
		return nil, err
	}
	sealed, err := readBounded(filepath.Join(f.path, file))
	if err != nil {
		return nil, fmt.Errorf("snapshot %q: %w", name, err)
	}
	payload, err := unseal(f.kind(name), sealed)
	if err != nil {
		return nil, fmt.Errorf("snapshot %q %w: %w", name, err, ErrDamaged)
	}
	return payload, nil
}

// readBounded refuses what no Write leaves: pipes, which never end, folders,
// links, and files of any size.
func readBounded(path string) ([]byte, error) {
	if info, err := os.Lstat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: no regular file", ErrDamaged)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat() // not the one above: a Write may have replaced the file
	if err != nil {
		return nil, err
	}
	if info.Size() > sealMax {
		return nil, fmt.Errorf("%w: %d bytes are too many", ErrDamaged, info.Size())
	}
	sealed := make([]byte, info.Size())
	_, err = io.ReadFull(file, sealed)
	return sealed, err
}

// kind is unambiguous: no name has a NUL.
func (f *Folder) kind(name string) string { return name + "\x00" + f.tenant }

func fileOf(name string) (string, error) {
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789 _-") != "" {
		return "", fmt.Errorf("snapshot %q: no such name can be", name)
	}
	return strings.ReplaceAll(name, " ", "-") + snapshotSuffix, nil
}
