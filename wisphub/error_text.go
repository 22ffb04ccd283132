package wisphub

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"mime"
	"net/http"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
)

// knownTexts are the error texts of WispHub and its framework that hold no personal data. They are
// logged as they are. Any other text may repeat what was sent, or describe WispHub's internals.
var knownTexts = regexp.MustCompile(`^(` + strings.Join([]string{
	`Usted no tiene permiso para realizar esta acción`,
	`Las credenciales de autenticación no se proveyeron`,
	`Credenciales de autenticación (incorrectas|inválidas)`,
	`(Clave|Token|Api[ -]?Key) inválid[ao]`,
	`Usuario inactivo o borrado`,
	`No encontrado`,
	`Método "[A-Z]{1,7}" no permitido`,
	`Error del servidor`,
	`Solicitud fue regulada \(throttled\)(\. Se espera que esté disponible en \d{1,6} segundos?)?`,
}, "|") + `)\.?$`)

// keyName matches keys that a program chose, not personal data.
var keyName = regexp.MustCompile(`^[a-z][a-z_]{0,29}$`)

// detail summarises a JSON refusal for the log: a known text, or else the keys of the texts.
func detail(body []byte) string {
	var texts map[string]any
	if json.Unmarshal(body, &texts) != nil {
		return ""
	}
	text, _ := texts["detail"].(string)
	if len(texts) == 1 && knownTexts.MatchString(text) {
		return text
	}
	isPrivate := func(key string) bool { return !keyName.MatchString(key) }
	keys := slices.DeleteFunc(slices.Sorted(maps.Keys(texts)), isPrivate)
	return shorten("text withheld, keys: " + strings.Join(keys, ", "))
}

// networkErrorText returns the text of an error below HTTP. It leaves out what the other side
// sent, which net/http quotes.
func networkErrorText(err error) string {
	if malformed := textproto.ProtocolError(""); errors.As(err, &malformed) {
		return "malformed header"
	}
	text, _, _ := strings.Cut(err.Error(), `"`)
	return shorten(strings.TrimRight(text, " :"))
}

// htmlText is the error text of a page. On its known routes, WispHub answers HTML with status 500
// only.
const htmlText = "an HTML page, not the API: wrong host or a proxy"

// content is what an answer holds.
type content int

const (
	otherContent content = iota
	noContent
	jsonContent
	htmlContent
)

// contentOf tells by the header what body is, and by its first character whether that is a lie:
// outages of proxies were seen as pages with any header.
func contentOf(header http.Header, body []byte) content {
	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	switch {
	case mediaType == "text/html", mediaType == "application/xhtml+xml", bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")):
		return htmlContent
	case mediaType == "application/json":
		return jsonContent
	case len(body) == 0:
		return noContent
	}
	return otherContent
}

// mediaTypeText names a media type for the log, if it is a common one of servers.
func mediaTypeText(header http.Header) string {
	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	switch mediaType {
	case "text/html", "text/plain", "text/xml", "application/xml", "application/octet-stream":
		return mediaType
	case "":
		return "of no type"
	}
	return "of another type"
}
