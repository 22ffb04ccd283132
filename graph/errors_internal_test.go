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

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/isp"
)

func TestWords(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err        error
		code, text string
		retryAfter int
	}{
		"logins queue":     {fmt.Errorf("wait to log in: %w", auth.ErrTooManyAttempts), codeRateLimited, "Too many requests.", 1},
		"login held up":    {&auth.TooManyAttemptsError{RetryAfter: 61500 * time.Millisecond}, codeRateLimited, "Too many requests.", 62},
		"bad credentials":  {auth.ErrBadCredentials, codeUnauthenticated, "Incorrect username or password.", 0},
		"nobody":           {errUnauthenticated, codeUnauthenticated, "Could not validate credentials.", 0},
		"ended":            {fmt.Errorf("%w: it was ended", auth.ErrInvalidToken), codeUnauthenticated, "Could not validate credentials.", 0},
		"too old to renew": {auth.ErrSessionTooOld, codeUnauthenticated, "The session is too old to be renewed; log in again.", 0},
		"ended stream":     {errTokenEnded, codeUnauthenticated, "The session has ended; log in again.", 0},
		"forbidden":        {errForbidden, codeForbidden, "Not enough permissions.", 0},
		"ambiguous":        {fmt.Errorf("find: %w", isp.ErrAmbiguous), codeAmbiguous, "Several customers match; ask by document or service id.", 0},
		"upstream": {
			fmt.Errorf("rows: %w", &isp.FetchError{Noun: "zone", RetryAfter: 1500 * time.Millisecond}),
			codeUpstreamUnavailable, "Unable to fetch zone data", 2,
		},
		"unknown task":  {isp.ErrUnknownTask, codeNotFound, "There is no such task.", 0},
		"expired token": {errTokenExpired, codeUnauthenticated, "The token has expired; subscribe again with a new one.", 0},
		"unfinished task": {
			fmt.Errorf("%w; the last poll: %w", isp.ErrUnfinished, &isp.FetchError{Noun: "task", RetryAfter: time.Second}),
			codeUpstreamTimeout, "The task has not finished while it was watched; ask for it again later.", 0,
		},
		"input":        {&isp.InputError{Field: []string{"first"}, Message: "must be 1"}, codeBadUserInput, "first: must be 1", 0},
		"panic":        {errPanic, codeInternal, "Internal server error.", 0},
		"unheard of":   {errors.New("a secret"), codeInternal, "Internal server error.", 0},
		"with a code":  {&gqlerror.Error{Message: "a secret", Extensions: map[string]any{"code": "OTHER", "a": "secret"}}, codeInternal, "Internal server error.", 0},
		"cancellation": {context.Canceled, codeInternal, "Internal server error.", 0},
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
				t.Errorf("present(%v) lets extensions through: %v", tt.err, got.Extensions)
			}
		})
	}
}

func TestSummarize(t *testing.T) {
	t.Parallel()
	at := func(message string, path ...ast.PathElement) *gqlerror.Error {
		return &gqlerror.Error{Message: message, Path: path}
	}
	got := summarize(gqlerror.List{
		at("a", ast.PathName("clients"), ast.PathIndex(0)),
		at("a", ast.PathName("clients"), ast.PathIndex(1)),
		at("b", ast.PathName("clients"), ast.PathIndex(1)),
		at("a", ast.PathName("plans")),
		at("a"),
		at("a"),
	})
	var kept []string
	for _, err := range got {
		kept = append(kept, err.Message+" "+err.Path.String())
	}
	if want := "a clients[0], b clients[1], a plans, a "; strings.Join(kept, ", ") != want {
		t.Errorf("summarize = %q, want %q", strings.Join(kept, ", "), want)
	}
	var many gqlerror.List
	for n := range 2 * maxErrors {
		many = append(many, at(fmt.Sprint(n)))
	}
	if got := summarize(many); len(got) != maxErrors || got[0].Message != "0" {
		t.Errorf("summarize of %d = %d errors from %q, want the first %d", len(many), len(got), got[0].Message, maxErrors)
	}
}

// TestLogHasWhatCallersAreNotTold: the upstream's failures and our own, and nothing that callers got wrong.
func TestLogHasWhatCallersAreNotTold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code  string
		cause error
		want  string
	}{
		{codeUpstreamUnavailable, errors.New("status 503"), "level=WARN"},
		{codeUpstreamTimeout, errors.New("status 503"), "level=WARN"},
		{codeUpstreamRateLimited, errors.New("status 503"), "level=WARN"},
		{codeInternal, errors.New("status 503"), "level=ERROR"},
		{codeInternal, errPanic, ""}, // its stack is logged where it was caught
		{codeRateLimited, errors.New("status 429"), "level=WARN"},
		{codeRateLimited, &auth.TooManyAttemptsError{}, ""}, // audited
		{codeForbidden, errForbidden, ""},
		{codeUnauthenticated, auth.ErrBadCredentials, ""},
		{codeBadUserInput, errors.New("a person's document"), ""},
	}
	for _, tt := range tests {
		var log bytes.Buffer
		shown := &gqlerror.Error{Err: tt.cause, Extensions: map[string]any{"code": tt.code}}
		logFailures(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), gqlerror.List{shown})
		if (tt.want == "") != (log.Len() == 0) || !strings.Contains(log.String(), tt.want) {
			t.Errorf("the log of %s (%v) = %q, want %q", tt.code, tt.cause, &log, tt.want)
		}
	}
}
