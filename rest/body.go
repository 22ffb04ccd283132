package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"wisphub-graphql/isp"
)

// maxBody is the maximum size of a JSON body in bytes, far more than any route needs.
const maxBody = 64 << 10

// Field names of errors about the request as a whole.
const (
	fieldBody        = "body"
	fieldContentType = "Content-Type"
)

// readBody decodes the JSON object in the body into a struct. The struct's fields are string, int,
// or pointers to string, int, [isp.Decimal] or claimedPrice; a field that is no pointer is required. Null counts
// as absent, numbers may be strings, and unknown members are ignored. The errors are complete and
// do not quote the input.
func readBody[T any](w http.ResponseWriter, r *http.Request) (into T, errs []fieldError) {
	members, fieldErr := readObject(w, r)
	if fieldErr != nil {
		return into, []fieldError{*fieldErr}
	}
	value := reflect.ValueOf(&into).Elem()
	for i := range value.NumField() {
		name := value.Type().Field(i).Tag.Get("json")
		if reason := setField(value.Field(i), members[name]); reason != "" {
			errs = append(errs, fieldError{name, reason})
		}
	}
	return into, errs
}

// readObject returns the members of the JSON object in the body.
func readObject(w http.ResponseWriter, r *http.Request) (map[string]json.RawMessage, *fieldError) {
	if mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); mediaType != "application/json" {
		return nil, &fieldError{fieldContentType, "debe ser application/json"}
	}
	content, fieldErr := readAll(http.MaxBytesReader(w, r.Body, maxBody))
	if fieldErr != nil {
		return nil, fieldErr
	}
	var members map[string]json.RawMessage
	if !utf8.Valid(content) || json.Unmarshal(content, &members) != nil || members == nil {
		return nil, &fieldError{fieldBody, "debe ser un objeto JSON"}
	}
	return members, nil
}

// readAll reads a body that [http.MaxBytesReader] limits.
func readAll(body io.Reader) ([]byte, *fieldError) {
	content, err := io.ReadAll(body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, &fieldError{fieldBody, fmt.Sprintf("no puede pasar de %d kB", tooLarge.Limit>>10)}
	}
	if err != nil {
		return nil, &fieldError{fieldBody, "no se pudo leer"}
	}
	return content, nil
}

// setField sets a struct field to a JSON value. It returns what is wrong with the value in Spanish,
// or "".
func setField(field reflect.Value, value json.RawMessage) (reason string) {
	// Bots send "" for an amount that they do not have.
	isAmount := field.Type() == reflect.TypeFor[*isp.Decimal]() || field.Type() == reflect.TypeFor[*claimedPrice]()
	isEmptyAmount := string(value) == `""` && isAmount
	absent := len(value) == 0 || string(value) == "null" || isEmptyAmount
	switch {
	case absent && field.Kind() != reflect.Pointer:
		return reasonRequired
	case absent:
		return ""
	case field.Kind() == reflect.Pointer:
		field.Set(reflect.New(field.Type().Elem()))
		if reason = setField(field.Elem(), value); reason != "" {
			field.SetZero()
		}
		return reason
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
		return setAmount(into, value, isp.ParseDecimal)
	case *claimedPrice:
		return setAmount((*isp.Decimal)(into), value, isp.ParsePrice)
	default:
		panic("rest: unsupported type of a body field: " + field.Type().String())
	}
	return ""
}

func setAmount(into *isp.Decimal, value json.RawMessage, parse func(string) (isp.Decimal, error)) (reason string) {
	amount, err := parse(strings.Trim(string(value), `"`))
	if err != nil {
		return "debe ser un número decimal, como 65000.00"
	}
	*into = amount
	return ""
}
