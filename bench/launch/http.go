package launch

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Do decodes the answer to a request into out. Any status but 200 is an error. Its errors omit the URL, so that equal failures have equal texts.
func Do(client *http.Client, request *http.Request, out any) error {
	response, err := client.Do(request)
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		return wrapped.Err
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP status %s", response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(out); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

// Login returns a token of the user and how long it lives.
func Login(client *http.Client, address, username, password string) (token string, lifetime time.Duration, err error) {
	form := url.Values{"username": {username}, "password": {password}}
	request, err := http.NewRequest(http.MethodPost, address+"/api/v1/auth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", 0, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		Token     string `json:"access_token"`
		ExpiresIn int    `json:"expires_in"`
	}
	if err := Do(client, request, &answer); err != nil {
		return "", 0, fmt.Errorf("token: %w", err)
	}
	return answer.Token, time.Duration(answer.ExpiresIn) * time.Second, nil
}
