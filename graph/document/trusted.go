package document

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/graph/errcode"
)

// maxTrustedFiles bounds the files of a folder of trusted documents. Each has at most [MaxBytes].
const maxTrustedFiles = 1000

// Trusted are documents that the operator provides. Callers send their id instead of the text:
// https://github.com/graphql/graphql-over-http, appendix on persisted documents. A nil *Trusted has
// no documents. Trusted documents have the same limits as others.
type Trusted struct {
	byID  map[string]string
	texts map[string]bool
}

// validTrustedName matches the name of a file without its extension, which is an id.
var validTrustedName = regexp.MustCompile(`^[A-Za-z0-9_.~-]{1,128}$`)

// ReadTrusted reads the files *.graphql of a folder, one operation each. A document has two ids:
// the SHA-256 of its exact text in lower-case hexadecimal digits, and the name of its file without
// the extension. The error has a line for every file that is invalid. cfg.TrustedOnly is not used.
func ReadTrusted(folder fs.FS, cfg Config) (*Trusted, error) {
	names, err := fs.Glob(folder, "*.graphql")
	if err != nil || len(names) > maxTrustedFiles {
		return nil, fmt.Errorf("more than %d files", maxTrustedFiles)
	}
	if len(names) == 0 {
		return nil, errors.New("no readable file *.graphql")
	}
	trusted := &Trusted{byID: map[string]string{}, texts: map[string]bool{}}
	reader := NewReader(cfg)
	var errs []error
	for _, name := range names {
		text, err := reader.readTrusted(folder, name)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		trusted.add(strings.TrimSuffix(path.Base(name), ".graphql"), text)
	}
	return trusted, errors.Join(errs...)
}

func (t *Trusted) add(name, text string) {
	hash := sha256.Sum256([]byte(text))
	t.byID[hex.EncodeToString(hash[:])] = text
	t.byID[name] = text
	t.texts[text] = true
}

func (r *Reader) readTrusted(folder fs.FS, name string) (string, error) {
	if id := strings.TrimSuffix(name, ".graphql"); !validTrustedName.MatchString(id) || len(id) == hex.EncodedLen(sha256.Size) {
		return "", errors.New("a name must have 1 to 128 letters, digits or characters of _.~-, but not exactly 64")
	}
	info, err := fs.Stat(folder, name)
	if err != nil || !info.Mode().IsRegular() {
		return "", errors.New("cannot be read")
	}
	if info.Size() > MaxBytes {
		return "", errors.New("larger than 128 kB")
	}
	text, err := fs.ReadFile(folder, name)
	if err != nil {
		return "", errors.New("cannot be read")
	}
	return string(text), r.checkTrusted(string(text))
}

// checkTrusted returns the first error of a document.
func (r *Reader) checkTrusted(text string) error {
	document, err := r.parse(text)
	if err != nil {
		return withLine(err)
	}
	if len(document.Operations) != 1 {
		return fmt.Errorf("has %d operations, want exactly one", len(document.Operations))
	}
	if errs := r.check(document, len(text)); errs != nil {
		return withLine(errs[0])
	}
	return nil
}

// withLine returns an error with the message and the line of a GraphQL error.
func withLine(err *gqlerror.Error) error {
	message := errcode.Shorten(err.Message)
	if len(err.Locations) == 0 {
		return errors.New(message)
	}
	return fmt.Errorf("line %d: %s", err.Locations[0].Line, message)
}

// Text returns the document with the id, or "" if there is none. A hash may have the prefix
// "sha256:".
func (t *Trusted) Text(id string) string {
	if t == nil {
		return ""
	}
	if hash, prefixed := strings.CutPrefix(id, "sha256:"); prefixed && len(hash) == hex.EncodedLen(sha256.Size) {
		id = hash
	}
	return t.byID[id]
}

func (t *Trusted) contains(text string) bool { return t != nil && t.texts[text] }
