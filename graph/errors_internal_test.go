package graph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/errcode"
	"wisphub-graphql/isp"
)

func TestPresent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err        error
		code, text string
		retryAfter int
	}{
		"logins queue":     {fmt.Errorf("wait to log in: %w", auth.ErrTooManyAttempts), errcode.RateLimited, "Too many requests.", 1},
		"login held up":    {&auth.TooManyAttemptsError{RetryAfter: 61500 * time.Millisecond}, errcode.RateLimited, "Too many requests.", 62},
		"bad credentials":  {auth.ErrBadCredentials, errcode.Unauthenticated, "Incorrect username or password.", 0},
		"no token":         {errcode.ErrUnauthenticated, errcode.Unauthenticated, "Could not validate credentials.", 0},
		"ended":            {fmt.Errorf("%w: it was ended", auth.ErrInvalidToken), errcode.Unauthenticated, "Could not validate credentials.", 0},
		"too old to renew": {auth.ErrSessionTooOld, errcode.Unauthenticated, "The session is too old to be renewed; log in again.", 0},
		"ended stream":     {errcode.ErrTokenRevoked, errcode.Unauthenticated, "The session has ended; log in again.", 0},
		"forbidden":        {auth.ErrForbidden, errcode.Forbidden, "Not enough permissions.", 0},
		"ambiguous":        {fmt.Errorf("find: %w", isp.ErrAmbiguous), errcode.Ambiguous, "Several customers match; ask by document or service id.", 0},
		"upstream": {
			fmt.Errorf("rows: %w", &isp.FetchError{Noun: "zone", RetryAfter: 1500 * time.Millisecond}),
			errcode.UpstreamUnavailable, "Unable to fetch zone data", 2,
		},
		"unknown task":  {isp.ErrUnknownTask, errcode.NotFound, "There is no such task.", 0},
		"expired token": {errcode.ErrTokenExpired, errcode.Unauthenticated, "The token has expired; subscribe again with a new one.", 0},
		"unfinished task": {
			fmt.Errorf("%w; the last poll: %w", isp.ErrUnfinished, &isp.FetchError{Noun: "task", RetryAfter: time.Second}),
			errcode.UpstreamTimeout, "The task did not finish while it was watched; query it again later.", 0,
		},
		"input":        {&isp.InputError{Field: []string{"first"}, Message: "must be 1"}, errcode.BadUserInput, "first: must be 1", 0},
		"panic":        {errcode.ErrPanic, errcode.Internal, "Internal server error.", 0},
		"unknown":      {errors.New("a secret"), errcode.Internal, "Internal server error.", 0},
		"with a code":  {&gqlerror.Error{Message: "a secret", Extensions: map[string]any{"code": "OTHER", "a": "secret"}}, errcode.Internal, "Internal server error.", 0},
		"cancellation": {context.Canceled, errcode.Internal, "Internal server error.", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := present(t.Context(), tt.err)
			wait, _ := got.Extensions["retryAfter"].(int)
			if got.Extensions["code"] != tt.code || got.Message != tt.text || wait != tt.retryAfter {
				t.Errorf("present(%v) = %v %q, retry after %d, want %s %q %d",
					tt.err, got.Extensions["code"], got.Message, wait, tt.code, tt.text, tt.retryAfter)
			}
			if strings.Contains(fmt.Sprint(got.Extensions), "secret") {
				t.Errorf("present(%v) has the extensions %v, want none of the error's own", tt.err, got.Extensions)
			}
		})
	}
}

// The log gets upstream failures and bugs, but not what callers did wrong.
func TestLogFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code  string
		cause error
		want  string
	}{
		{errcode.UpstreamUnavailable, errors.New("status 503"), "level=WARN"},
		{errcode.UpstreamTimeout, errors.New("status 503"), "level=WARN"},
		{errcode.UpstreamRateLimited, errors.New("status 503"), "level=WARN"},
		{errcode.Internal, errors.New("status 503"), "level=ERROR"},
		{errcode.Internal, errcode.ErrPanic, ""}, // the recover function logs it
		{errcode.RateLimited, errors.New("status 429"), "level=WARN"},
		{errcode.RateLimited, &auth.TooManyAttemptsError{}, ""}, // the audit has it
		{errcode.Forbidden, auth.ErrForbidden, ""},
		{errcode.Unauthenticated, auth.ErrBadCredentials, ""},
		{errcode.BadUserInput, errors.New("a customer's document"), ""},
	}
	for _, tt := range tests {
		var log bytes.Buffer
		shown := &gqlerror.Error{Err: tt.cause, Extensions: map[string]any{"code": tt.code}}
		logFailures(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), gqlerror.List{shown})
		if (tt.want == "") != (log.Len() == 0) || !strings.Contains(log.String(), tt.want) {
			t.Errorf("logFailures(%s, %v) = %q, want %q", tt.code, tt.cause, &log, tt.want)
		}
	}
}
