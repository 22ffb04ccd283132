package wisphubtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
)

const (
	maxBody = 1 << 20

	jsonType      = "application/json"
	urlEncoded    = "application/x-www-form-urlencoded"
	multipartForm = "multipart/form-data"
)

// readBody must come before any wait: net/http notices that the caller left only once the body is
// read.
func (c *call) readBody() {
	c.body, c.bodyErr = io.ReadAll(io.LimitReader(c.request.Body, maxBody+1))
}

// checkBody rejects a body that is incomplete or too long. An incomplete body must change nothing.
func (c *call) checkBody() *response {
	if c.bodyErr != nil {
		return jsonResponse(http.StatusBadRequest, detail("Cuerpo incompleto."))
	}
	if len(c.body) > maxBody {
		return proxyPage(http.StatusRequestEntityTooLarge)
	}
	return nil
}

func (c *call) mediaType() (mediaType string, parameters map[string]string) {
	// A header that does not parse leaves "", an unknown type like any other.
	mediaType, parameters, _ = mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	return mediaType, parameters
}

func (c *call) unsupportedMedia() *response {
	mediaType, _ := c.mediaType()
	return jsonResponse(http.StatusUnsupportedMediaType,
		detail(fmt.Sprintf("Tipo de medio %q incompatible en la solicitud.", mediaType)))
}

// jsonObject parses a body that must be a JSON object.
func (c *call) jsonObject() (values map[string]any, rejection *response) {
	if mediaType, _ := c.mediaType(); mediaType != jsonType {
		return nil, c.unsupportedMedia()
	}
	var value any
	if err := json.Unmarshal(c.body, &value); err != nil {
		return nil, jsonResponse(http.StatusBadRequest, detail(parseErrors[jsonType]+err.Error()))
	}
	values, ok := value.(map[string]any)
	if !ok {
		return nil, fieldError("non_field_errors", "Datos inválidos. Se esperaba un diccionario.")
	}
	return values, nil
}

// formFields parses a body of one of the types. It ignores files, and takes the last of several
// values, as Django does.
func (c *call) formFields(types ...string) (values map[string]string, rejection *response) {
	mediaType, parameters := c.mediaType()
	for _, allowed := range types {
		if mediaType != allowed {
			continue
		}
		values, err := parseForm(mediaType, parameters["boundary"], c.body)
		if err != nil {
			return nil, jsonResponse(http.StatusBadRequest, detail(parseErrors[mediaType]+err.Error()))
		}
		return values, nil
	}
	return nil, c.unsupportedMedia()
}

// parseErrors are Django's prefixes of errors in malformed bodies.
var parseErrors = map[string]string{jsonType: "JSON parse error - ", multipartForm: "Multipart form parse error - "}

func parseForm(mediaType, boundary string, body []byte) (map[string]string, error) {
	switch mediaType {
	case jsonType:
		var values map[string]any
		if err := json.Unmarshal(body, &values); err != nil {
			return nil, err
		}
		form := make(map[string]string, len(values))
		for key, value := range values {
			form[key] = fmt.Sprint(value)
		}
		return form, nil
	case urlEncoded:
		values, err := url.ParseQuery(string(body))
		return lastValues(values), err
	}
	form, err := multipart.NewReader(bytes.NewReader(body), boundary).ReadForm(maxBody)
	if err != nil {
		return nil, err
	}
	defer form.RemoveAll()
	return lastValues(form.Value), nil
}

func lastValues(values map[string][]string) map[string]string {
	form := make(map[string]string, len(values))
	for key, all := range values {
		form[key] = all[len(all)-1]
	}
	return form
}

// Django's validation messages.
const (
	msgRequired   = "Este campo es requerido."
	msgNull       = "Este campo no puede ser nulo."
	msgBlank      = "Este campo no puede estar en blanco."
	msgNotText    = "No es una cadena válida."
	msgNotNumber  = "Se requiere un número válido."
	msgNotInteger = "Se requiere un número entero válido."
)

// fieldErrors are the validation messages by field.
type fieldErrors map[string][]string

func (e fieldErrors) add(field, message string) { e[field] = append(e[field], message) }

func (e fieldErrors) response() *response { return jsonResponse(http.StatusBadRequest, e) }
