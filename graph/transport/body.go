package transport

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/buffer"
	"wisphub-graphql/graph/document"
	"wisphub-graphql/graph/errcode"
)

// readBody returns the body of a request in a slice of package buffer. It must be JSON.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	if !isJSON(r.Header.Get("Content-Type")) {
		const message = "Content-Type must be application/json."
		return nil, &refusal{http.StatusUnsupportedMediaType, message, errcode.BadUserInput}
	}
	body, err := readAll(w, r, maxBody(r))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		message := fmt.Sprintf("The body must be at most %d kB.", tooLarge.Limit>>10)
		return nil, &refusal{http.StatusRequestEntityTooLarge, message, errcode.BadUserInput}
	}
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, "The body could not be read.", errcode.BadUserInput}
	}
	return body, nil
}

// readAll reads a body of limit bytes at most into a slice of package buffer. A length that the
// caller names is not exceeded by net/http itself.
func readAll(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	from, length := io.Reader(r.Body), r.ContentLength
	if length < 0 || length > limit {
		from, length = http.MaxBytesReader(w, r.Body, limit), 0
	}
	body := buffer.Get(int(length) + bytes.MinRead)
	for {
		n, err := from.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if err == io.EOF {
			return body, nil
		}
		if err != nil {
			buffer.Put(body)
			return nil, err
		}
		if len(body) == cap(body) {
			grown := append(buffer.Get(2*cap(body)), body...)
			buffer.Put(body)
			body = grown
		}
	}
}

// maxLogin is the maximum size of a login in bytes, far more than one needs.
const maxLogin = 8 << 10

// maxBody returns how many bytes a body may have. Without a token, only a login is of use.
func maxBody(r *http.Request) int64 {
	if auth.FromContext(r.Context()) == nil {
		return maxLogin
	}
	return document.MaxBytes
}

// isJSON accepts application/json without a charset or with UTF-8, the only encoding of JSON.
func isJSON(contentType string) bool {
	if contentType == typeJSON {
		return true
	}
	mediaType, params, _ := mime.ParseMediaType(contentType)
	charset, named := params["charset"]
	return mediaType == typeJSON && (!named || strings.EqualFold(charset, "utf-8"))
}
