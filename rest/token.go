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
	"strconv"

	"wisphub-graphql/auth"
)

// maxTokenForm is far more than two fields need.
const maxTokenForm = 8 << 10

// credentials are what the token form carries.
type credentials struct{ username, password string }

// tokenAnswer has the names of OAuth 2 (RFC 6749 §5.1).
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
}

// token answers the password form with an access token.
func (a *api) token(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Pragma", "no-cache")
	who, faults := readCredentials(r.Header.Get("Content-Type"), http.MaxBytesReader(w, r.Body, maxTokenForm))
	if faults != nil {
		a.invalid(w, faults)
		return
	}
	token, err := a.auth.Login(r.Context(), who.username, who.password)
	if err != nil {
		a.refuseLogin(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, tokenAnswer{token.AccessToken, token.TokenType, token.ExpiresIn})
}

func (a *api) refuseLogin(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, auth.ErrBadCredentials):
		w.Header().Set("WWW-Authenticate", "Bearer")
		detail(w, http.StatusUnauthorized, "Incorrect username or password.")
	case errors.Is(err, auth.ErrTooManyAttempts):
		w.Header().Set("Retry-After", strconv.Itoa(int(auth.RetryAfter(err).Seconds())))
		detail(w, http.StatusTooManyRequests, "Too many requests.")
	case errors.Is(err, context.Canceled): // the caller has gone away while waiting, which is nothing to log
		a.fail(w, http.StatusInternalServerError, actionError, "")
	default:
		a.internal(w, r, "login failed", slog.Any("error", err))
	}
}

// readCredentials reads the form from the body alone: what stands in the address ends up in logs, and so does not count.
func readCredentials(contentType string, body io.Reader) (credentials, []fault) {
	form, wrong := readForm(contentType, body)
	if wrong != nil {
		return credentials{}, []fault{*wrong}
	}
	if faults := checkForm(form); faults != nil {
		return credentials{}, faults
	}
	return credentials{username: form.Get("username"), password: form.Get("password")}, nil
}

// checkForm treats an empty field as an absent one and refuses to choose between two, as RFC 6749 §3.2 wants.
func checkForm(form url.Values) []fault {
	var faults []fault
	for _, field := range []string{"username", "password", "grant_type"} {
		value := form.Get(field)
		switch {
		case len(form[field]) > 1:
			faults = append(faults, fault{field, "solo puede venir una vez"})
		case field == "grant_type" && value != "" && value != "password":
			faults = append(faults, fault{field, "solo puede ser password"})
		case field != "grant_type" && value == "":
			faults = append(faults, fault{field, "es obligatorio"})
		}
	}
	return faults
}

// readForm reads either encoding of a form. What it says of a body that it cannot read does not quote the body.
func readForm(contentType string, body io.Reader) (url.Values, *fault) {
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != "application/x-www-form-urlencoded" && mediaType != "multipart/form-data" {
		return nil, &fault{"Content-Type", "debe ser application/x-www-form-urlencoded o multipart/form-data"}
	}
	content, err := io.ReadAll(body)
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return nil, &fault{"body", "no puede pasar de 8 kB"}
	}
	if err != nil {
		return nil, &fault{"body", "no se pudo leer"}
	}
	var form url.Values
	if mediaType == "multipart/form-data" {
		form, err = parseMultipart(content, params["boundary"])
	} else {
		form, err = url.ParseQuery(string(content))
	}
	if err != nil {
		return nil, &fault{"body", "no es un formulario válido"}
	}
	return form, nil
}

// parseMultipart reads fields and ignores files.
func parseMultipart(content []byte, boundary string) (url.Values, error) {
	form, err := multipart.NewReader(bytes.NewReader(content), boundary).ReadForm(maxTokenForm)
	if err != nil {
		return nil, err
	}
	defer form.RemoveAll()
	return form.Value, nil
}
