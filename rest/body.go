package rest

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"wisphub-graphql/isp"
)

// maxBody is far more than any route's fields need.
const maxBody = 64 << 10

// bodyField stands for the whole of a body.
const bodyField = "body"

// readBody reads the object that a request carries into a struct whose fields are string, int, or pointers to them or to
// [isp.Decimal]; what is no pointer is required. Null is as good as absent, numbers may be written as text, and fields that
// the struct does not have are passed over. It returns all that is wrong, without quoting it.
func readBody[T any](w http.ResponseWriter, r *http.Request) (into T, faults []fault) {
	given, wrong := readObject(w, r)
	if wrong != nil {
		return into, []fault{*wrong}
	}
	value := reflect.ValueOf(&into).Elem()
	for i := range value.NumField() {
		name := value.Type().Field(i).Tag.Get("json")
		if why := setField(value.Field(i), given[name]); why != "" {
			faults = append(faults, fault{name, why})
		}
	}
	return into, faults
}

// readObject returns the members of the object.
func readObject(w http.ResponseWriter, r *http.Request) (members map[string]json.RawMessage, wrong *fault) {
	if mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); mediaType != "application/json" {
		return nil, &fault{"Content-Type", "debe ser application/json"}
	}
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, &fault{bodyField, "no puede pasar de 64 kB"}
	}
	if err != nil {
		return nil, &fault{bodyField, "no se pudo leer"}
	}
	if !utf8.Valid(content) || json.Unmarshal(content, &members) != nil || members == nil {
		return nil, &fault{bodyField, "debe ser un objeto JSON"}
	}
	return members, nil
}

// setField sets a field to a value of the body and says what is wrong with it, "" for nothing.
func setField(field reflect.Value, value json.RawMessage) (why string) {
	absent := len(value) == 0 || string(value) == "null" ||
		string(value) == `""` && field.Type() == reflect.TypeFor[*isp.Decimal]() // no amount, as an empty text is no word
	switch {
	case absent && field.Kind() != reflect.Pointer:
		return "es obligatorio"
	case absent:
		return ""
	case field.Kind() == reflect.Pointer:
		field.Set(reflect.New(field.Type().Elem()))
		if why = setField(field.Elem(), value); why != "" {
			field.SetZero()
		}
		return why
	}
	switch into := field.Addr().Interface().(type) {
	case *string:
		if json.Unmarshal(value, into) != nil {
			return "debe ser un texto"
		}
	case *int:
		number, err := strconv.Atoi(strings.Trim(string(value), `"`))
		if err != nil {
			return "debe ser un número entero"
		}
		*into = number
	case *isp.Decimal:
		amount, err := isp.ParseDecimal(strings.Trim(string(value), `"`))
		if err != nil {
			return "debe ser un número decimal, como 65000.00"
		}
		*into = amount
	default:
		panic("rest: a body has a field of type " + field.Type().String())
	}
	return ""
}
