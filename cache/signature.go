package cache

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
)

// A signed file is the magic, the HMAC-SHA256 of its name and its content, and the content, which is
// what seal returned.
const (
	signedMagic = "kepH"
	signedAt    = len(signedMagic) + sha256.Size
)

// The signs of tampering. All but errDeleted come with [ErrDamaged].
var (
	errUnsigned   = errors.New("has no keyed check")
	errSignature  = errors.New("was changed, or was written with another JWT_SECRET_KEY")
	errReplaced   = errors.New("is not what was written last")
	errDeleted    = errors.New("was deleted")
	errNoManifest = errors.New("is missing; files that were replaced by older ones cannot be told")
)

// SealOptions protect a [Folder] against changes by others.
type SealOptions struct {
	// Keys check the files. The first one signs. See [SealKey].
	Keys [][]byte
	// OnTampering is called when a file was changed, replaced or deleted, once for each change. It
	// must not call the Folder.
	OnTampering func(file string, err error)
}

// SealKey derives a key for [SealOptions] from a secret that has other uses.
func SealKey(secret []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("snapshots of wisphub-graphql"))
	return mac.Sum(nil)
}

// signer signs and checks the files of a folder. It is safe for concurrent use.
type signer struct {
	options SealOptions

	mu       sync.Mutex
	reported map[string]string // the last report of a file; guarded by mu

	writing *sync.Mutex       // held while this process writes; see [writingIn]
	written map[string]string // the digests of files that are on disk, by file; guarded by writing
}

func newSigner(options SealOptions, path string) *signer {
	return &signer{options: options, reported: map[string]string{}, writing: writingIn(path), written: map[string]string{}}
}

// writers holds a *sync.Mutex for each path.
var writers sync.Map

// writingIn returns what all folders of this process at one path have in common. Without locks of files,
// two of them would take each other's writes for tampering.
func writingIn(path string) *sync.Mutex {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	writing, _ := writers.LoadOrStore(path, &sync.Mutex{})
	return writing.(*sync.Mutex)
}

func (s *signer) sign(file string, content []byte) []byte {
	signed := append([]byte(signedMagic), signature(s.options.Keys[0], file, content)...)
	return append(signed, content...)
}

// open returns the content of a signed file.
func (s *signer) open(file string, signed []byte) ([]byte, error) {
	if !isSigned(signed) {
		return nil, errUnsigned
	}
	content := signed[signedAt:]
	for _, key := range s.options.Keys {
		if hmac.Equal(signed[len(signedMagic):signedAt], signature(key, file, content)) {
			return content, nil
		}
	}
	return nil, errSignature
}

func isSigned(content []byte) bool {
	return len(content) >= signedAt && bytes.HasPrefix(content, []byte(signedMagic))
}

func signature(key []byte, file string, content []byte) []byte {
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s\x00", file) // never fails; no name contains a NUL
	mac.Write(content)
	return mac.Sum(nil)
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// report reports what is wrong with a file, nil for nothing, once for each change.
func (s *signer) report(file string, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	s.mu.Lock()
	changed := s.reported[file] != text
	s.reported[file] = text
	s.mu.Unlock()
	if changed && err != nil && s.options.OnTampering != nil {
		s.options.OnTampering(file, err)
	}
}
