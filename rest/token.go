package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"wisphub-graphql/auth"
)

// maxTokenForm is the maximum size of the token form in bytes, far more than its fields need.
const maxTokenForm = 8 << 10

type credentials struct{ username, password string }

// tokenBody describes the token form.
type tokenBody struct {
	Username  string  `json:"username"`
	Password  string  `json:"password"`
	GrantType *string `json:"grant_type"`
}

// tokenAnswer has the field names of OAuth 2 (RFC 6749 §5.1).
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
}

// createToken answers the password form with an access token.
func (a *api) createToken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Pragma", "no-cache")
	login, errs := readCredentials(r.Header.Get("Content-Type"), http.MaxBytesReader(w, r.Body, maxTokenForm))
	if errs != nil {
		a.refuseForm(w, errs)
		return
	}
	token, err := a.auth.Login(r.Context(), login.username, login.password)
	if err != nil {
		a.refuseLogin(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, tokenAnswer{token.AccessToken, token.TokenType, token.ExpiresIn})
}

// The members error of refusals (RFC 6749 §5.2). RFC 6749 has no code of this endpoint for too many
// tries, so it is that of §4.1.2.1.
const (
	errorInvalidRequest  = "invalid_request"
	errorInvalidGrant    = "invalid_grant"
	errorUnsupportedType = "unsupported_grant_type"
	errorUnavailable     = "temporarily_unavailable"
)

// tokenRefusal is the answer of a refused login.
type tokenRefusal struct {
	detailAnswer
	Error string `json:"error"`
}

// invalidForm is the answer for a form with mistakes.
type invalidForm struct {
	envelope
	Error string `json:"error"`
}

// refuseForm answers 422 with everything that is wrong with the form.
func (a *api) refuseForm(w http.ResponseWriter, errs []fieldError) {
	code := errorInvalidRequest
	if slices.Contains(errs, wrongGrantType) {
		code = errorUnsupportedType
	}
	writeJSON(w, http.StatusUnprocessableEntity, invalidForm{a.inCase(invalidEnvelope(errs)), code})
}

func (a *api) refuseLogin(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, auth.ErrBadCredentials):
		w.Header().Set("WWW-Authenticate", "Bearer")
		writeJSON(w, http.StatusUnauthorized, tokenRefusal{detailAnswer{"Incorrect username or password."}, errorInvalidGrant})
	case errors.Is(err, auth.ErrTooManyAttempts):
		w.Header().Set("Retry-After", strconv.Itoa(int(auth.RetryAfter(err).Seconds())))
		writeJSON(w, http.StatusTooManyRequests, tokenRefusal{detailAnswer{"Too many requests."}, errorUnavailable})
	case errors.Is(err, context.Canceled): // the caller disconnected, which needs no log line
		a.fail(w, http.StatusInternalServerError, actionError, "")
	default:
		a.internalError(w, r, "login failed", slog.Any("error", err))
	}
}

// readCredentials reads the form from the body only. Credentials in the URL are ignored, because
// URLs end up in logs.
func readCredentials(contentType string, body io.Reader) (credentials, []fieldError) {
	form, fieldErr := readForm(contentType, body)
	if fieldErr != nil {
		return credentials{}, []fieldError{*fieldErr}
	}
	if errs := checkForm(form); errs != nil {
		return credentials{}, errs
	}
	return credentials{username: form.Get("username"), password: form.Get("password")}, nil
}

var wrongGrantType = fieldError{"grant_type", "solo puede ser password"}

// checkForm treats an empty field as absent and refuses a repeated one (RFC 6749 §3.2).
func checkForm(form url.Values) []fieldError {
	var errs []fieldError
	for _, field := range []string{"username", "password", "grant_type"} {
		value := form.Get(field)
		switch {
		case len(form[field]) > 1:
			errs = append(errs, fieldError{field, "solo puede venir una vez"})
		case field == "grant_type" && value != "" && value != "password":
			errs = append(errs, wrongGrantType)
		case field != "grant_type" && value == "":
			errs = append(errs, fieldError{field, reasonRequired})
		}
	}
	return errs
}

// readForm reads a form in either encoding. Its errors do not quote the body.
func readForm(contentType string, body io.Reader) (url.Values, *fieldError) {
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != "application/x-www-form-urlencoded" && mediaType != "multipart/form-data" {
		return nil, &fieldError{fieldContentType, "debe ser application/x-www-form-urlencoded o multipart/form-data"}
	}
	content, fieldErr := readAll(body)
	if fieldErr != nil {
		return nil, fieldErr
	}
	var form url.Values
	if mediaType == "multipart/form-data" {
		form, err = parseMultipart(content, params["boundary"])
	} else {
		form, err = url.ParseQuery(string(content))
	}
	if err != nil {
		return nil, &fieldError{fieldBody, "no es un formulario válido"}
	}
	return form, nil
}

// parseMultipart returns the fields of the form and ignores files.
func parseMultipart(content []byte, boundary string) (url.Values, error) {
	form, err := multipart.NewReader(bytes.NewReader(content), boundary).ReadForm(maxTokenForm)
	if err != nil {
		return nil, err
	}
	defer form.RemoveAll()
	return form.Value, nil
}
