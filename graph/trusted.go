package graph

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
)

// maxTrusted bounds the files of a folder of trusted documents; each may be as large as a request.
const maxTrusted = 1000

// TrustedDocuments are documents that whoever runs the server has laid down, so that callers need but name them:
// https://github.com/graphql/graphql-over-http, appendix on persisted documents. They are held to the same limits as all.
type TrustedDocuments struct {
	byID  map[string]string
	texts map[string]bool
}

// trustedName is what a file may be called, for its name is an id.
var trustedName = regexp.MustCompile(`^[A-Za-z0-9_.~-]{1,128}$`)

// ReadTrustedDocuments reads the files *.graphql of a folder, one operation each. The ids of a document are the SHA-256 of
// its exact text, as lower-case hexadecimal digits, and the name of its file without extension. The error tells of every
// file that cannot be served under these limits, a line each.
func ReadTrustedDocuments(folder fs.FS, limits Limits, introspection bool) (*TrustedDocuments, error) {
	names, err := fs.Glob(folder, "*.graphql")
	if err != nil || len(names) > maxTrusted {
		return nil, fmt.Errorf("more than %d files", maxTrusted)
	}
	if len(names) == 0 {
		return nil, errors.New("no file *.graphql can be read there")
	}
	trusted := &TrustedDocuments{byID: map[string]string{}, texts: map[string]bool{}}
	read := newDocuments(limits, !introspection)
	var mistakes []error
	for _, name := range names {
		text, err := readTrusted(folder, name, read)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("%s: %w", name, err))
			continue
		}
		trusted.add(strings.TrimSuffix(path.Base(name), ".graphql"), text)
	}
	return trusted, errors.Join(mistakes...)
}

func (t *TrustedDocuments) add(name, text string) {
	hash := sha256.Sum256([]byte(text))
	t.byID[hex.EncodeToString(hash[:])] = text
	t.byID[name] = text
	t.texts[text] = true
}

func readTrusted(folder fs.FS, name string, read *documents) (string, error) {
	if id := strings.TrimSuffix(name, ".graphql"); !trustedName.MatchString(id) || len(id) == hex.EncodedLen(sha256.Size) {
		return "", errors.New("a name has at most 128 letters, digits, or characters of _.~-, and not as many as a hash")
	}
	about, err := fs.Stat(folder, name)
	if err != nil || !about.Mode().IsRegular() {
		return "", errors.New("cannot be read")
	}
	if about.Size() > maxBody {
		return "", errors.New("larger than 128 kB")
	}
	text, err := fs.ReadFile(folder, name)
	if err != nil {
		return "", errors.New("cannot be read")
	}
	return string(text), read.checkTrusted(string(text))
}

// checkTrusted returns the first thing that is wrong with a document that is to be trusted.
func (d *documents) checkTrusted(text string) error {
	document, err := d.parse(text)
	if err != nil {
		return described(err)
	}
	if len(document.Operations) != 1 {
		return fmt.Errorf("holds %d operations, and must hold one", len(document.Operations))
	}
	if errs := d.check(document, len(text)); errs != nil {
		return described(errs[0])
	}
	return nil
}

// described has the words and the line of an error.
func described(err *gqlerror.Error) error {
	if len(err.Locations) == 0 {
		return errors.New(shortened(err.Message))
	}
	return fmt.Errorf("line %d: %s", err.Locations[0].Line, shortened(err.Message))
}

// textOf returns the document that a request names, "" when there is none. A hash may be told by its method.
func (t *TrustedDocuments) textOf(id string) string {
	if t == nil {
		return ""
	}
	if hash, prefixed := strings.CutPrefix(id, "sha256:"); prefixed && len(hash) == hex.EncodedLen(sha256.Size) {
		id = hash
	}
	return t.byID[id]
}

func (t *TrustedDocuments) holds(text string) bool { return t != nil && t.texts[text] }
