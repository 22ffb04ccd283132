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

// knownTexts are what WispHub, and the framework beneath it, says about nobody: a refusal with these words is logged with them.
// Others may repeat what was sent, which names people, or tell of WispHub's insides.
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

// memberName is a name that a program has chosen.
var memberName = regexp.MustCompile(`^[a-z][a-z_]{0,29}$`)

// detail says what a refusal in JSON says: known words as they are; of others, by which names they were said.
func detail(body []byte) string {
	var members map[string]any
	if json.Unmarshal(body, &members) != nil {
		return ""
	}
	words, _ := members["detail"].(string)
	if len(members) == 1 && knownTexts.MatchString(words) {
		return words
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(members)), func(name string) bool { return !memberName.MatchString(name) })
	return shorten("words about " + strings.Join(names, ", "))
}

// networkErrorText say what went wrong beneath HTTP, without what the other side sent, which net/http quotes.
func networkErrorText(err error) string {
	if line := textproto.ProtocolError(""); errors.As(err, &line) {
		return "malformed header"
	}
	words, _, _ := strings.Cut(err.Error(), `"`)
	return shorten(strings.TrimRight(words, " :"))
}

// mediaTypeText names a media type that servers answer with by themselves.
func mediaTypeText(mediaType string) string {
	switch mediaType {
	case "text/html", "text/plain", "text/xml", "application/xml", "application/octet-stream":
		return mediaType
	case "":
		return "of no type"
	}
	return "of another type"
}
