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

// readBody comes before all that may take time: until the body was read, net/http does not notice that the caller left.
func (c *call) readBody() {
	c.body, c.bodyErr = io.ReadAll(io.LimitReader(c.request.Body, maxBody+1))
}

// brokenBody refuses a body that did not arrive whole, which must change nothing, or one that is too long.
func (c *call) checkBody() (refusal response, refused bool) {
	if c.bodyErr != nil {
		return jsonResponse(http.StatusBadRequest, detail("Cuerpo incompleto.")), true
	}
	return proxyPage(http.StatusRequestEntityTooLarge), len(c.body) > maxBody
}

func (c *call) mediaType() (mediaType string, parameters map[string]string) {
	mediaType, parameters, _ = mime.ParseMediaType(c.request.Header.Get("Content-Type")) // "" is of no known type either
	return mediaType, parameters
}

func (c *call) unsupportedMedia() response {
	mediaType, _ := c.mediaType()
	return jsonResponse(http.StatusUnsupportedMediaType,
		detail(fmt.Sprintf("Tipo de medio %q incompatible en la solicitud.", mediaType)))
}

// object reads a body that must be a JSON object.
func (c *call) jsonObject() (values map[string]any, refusal response, refused bool) {
	if mediaType, _ := c.mediaType(); mediaType != jsonType {
		return nil, c.unsupportedMedia(), true
	}
	var value any
	if err := json.Unmarshal(c.body, &value); err != nil {
		return nil, jsonResponse(http.StatusBadRequest, detail(parseErrors[jsonType]+err.Error())), true
	}
	values, ok := value.(map[string]any)
	if !ok {
		return nil, fieldError("non_field_errors", "Datos inválidos. Se esperaba un diccionario."), true
	}
	return values, response{}, false
}

// form reads a body of one of the types; files are passed over, and of several values of a field the last counts, as in
// Django.
func (c *call) formFields(types ...string) (values map[string]string, refusal response, refused bool) {
	mediaType, parameters := c.mediaType()
	for _, allowed := range types {
		if mediaType != allowed {
			continue
		}
		values, err := parseForm(mediaType, parameters["boundary"], c.body)
		if err != nil {
			return nil, jsonResponse(http.StatusBadRequest, detail(parseErrors[mediaType]+err.Error())), true
		}
		return values, response{}, false
	}
	return nil, c.unsupportedMedia(), true
}

// parseErrors are how Django begins to say that a body makes no sense.
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

// What Django says of a value.
const (
	msgRequired   = "Este campo es requerido."
	msgNull       = "Este campo no puede ser nulo."
	msgBlank      = "Este campo no puede estar en blanco."
	msgNotText    = "No es una cadena válida."
	msgNotNumber  = "Se requiere un número válido."
	msgNotInteger = "Se requiere un número entero válido."
)

// problems are what is wrong with a body, by field.
type fieldErrors map[string][]string

func (p fieldErrors) add(field, message string) { p[field] = append(p[field], message) }

func (p fieldErrors) response() response { return jsonResponse(http.StatusBadRequest, p) }
