package playground

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"sync"
	"time"

	"wisphub-graphql/page"
)

// contentTypes replaces the table of package mime, which depends on the machine.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".svg":  "image/svg+xml",
	"":      "text/plain; charset=utf-8", // LICENSE
}

// asset is one file of the page. Its URL stays the same when its content changes, so browsers
// must revalidate their copy with the ETag before each use.
type asset struct {
	contentType string
	tag         string // hash of the content
	plain       []byte
	zipped      func() []byte // compresses on the first call
}

func newAsset(name string, content []byte) *asset {
	sum := sha256.Sum256(content)
	return &asset{
		contentType: contentTypes[path.Ext(name)],
		tag:         hex.EncodeToString(sum[:8]),
		plain:       content,
		zipped:      sync.OnceValue(func() []byte { return compress(content) }),
	}
}

// ServeHTTP sends the file, gzipped if the browser accepts that, or 304 if the browser has it.
func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", a.contentType)
	header.Set("Cache-Control", "no-cache")
	header.Set("Vary", "Accept-Encoding")
	if page.AcceptsGzip(r) {
		header.Set("Content-Encoding", "gzip")
		header.Set("ETag", `"`+a.tag+`-gzip"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.zipped()))
		return
	}
	header.Set("ETag", `"`+a.tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.plain))
}

func compress(content []byte) []byte {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	zip.Write(content) // a bytes.Buffer never returns an error
	zip.Close()
	return out.Bytes()
}
