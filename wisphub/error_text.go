package wisphub

import (
	"encoding/json"
	"errors"
	"maps"
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

// mediaTypeText names a media type for the log, if it is a common one of servers.
func mediaTypeText(mediaType string) string {
	switch mediaType {
	case "text/html", "text/plain", "text/xml", "application/xml", "application/octet-stream":
		return mediaType
	case "":
		return "of no type"
	}
	return "of another type"
}
