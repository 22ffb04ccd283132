package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// auditLines returns the audit lines of callers in a text log, without their times.
func auditLines(log *logBuffer) []string {
	return slices.DeleteFunc(allAuditLines(log), func(line string) bool { return strings.Contains(line, "action=upstreamKey ") })
}

func allAuditLines(log *logBuffer) []string {
	var lines []string
	for line := range strings.Lines(log.String()) {
		if _, rest, found := strings.Cut(line, " level=INFO msg=audit "); found {
			lines = append(lines, strings.TrimSpace(rest))
		}
	}
	return lines
}

// TestAudit_Logins expects one line per login over either API, without passwords.
func TestAudit_Logins(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	s, _ := startLoggedApp(t, http.NotFoundHandler(), nil, log)
	var want []string
	for _, api := range []string{"GraphQL", "REST"} {
		for i, test := range []struct{ username, password, answer, user, outcome string }{
			{"ana", "a password", "3600", "ana", map[string]string{"GraphQL": `"ok, new address"`, "REST": "ok"}[api]},
			{"ana", "a canary", "Incorrect username or password.", "ana", `"bad credentials"`},
			{"eva", "a canary", "Incorrect username or password.", "unknown", `"bad credentials"`},
			{"a password", "a canary", "Incorrect username or password.", "unknown", `"bad credentials"`},
		} {
			id := fmt.Sprintf("%s-%d", api, i)
			body := s.tryLogin(api, test.username, test.password, http.Header{"X-Request-Id": {id}})
			if !strings.Contains(body, test.answer) {
				t.Errorf("%s: the login of %s answered %s, want %s in it", id, test.username, body, test.answer)
			}
			want = append(want, fmt.Sprintf("action=login user=%s address=127.0.0.1 ids=[] outcome=%s request_id=%s",
				test.user, test.outcome, id))
		}
	}
	if got := auditLines(log); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("audit lines =\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, secret := range []string{"a password", "canary", testHash, "eva"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log contains %q", secret)
		}
	}
	for _, route := range []string{"route=/graphql", `route="POST /api/v1/auth/token"`} {
		if !strings.Contains(log.String(), route) {
			t.Errorf("the log has no request with %s: %s", route, log)
		}
	}
}

// TestAudit_RequestID expects the id of the answer when the id of the caller is invalid.
func TestAudit_RequestID(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	s, _ := startLoggedApp(t, http.NotFoundHandler(), nil, log)
	_, header, _ := s.do(http.MethodPost, "/api/v1/auth/token", "username=ana&password=x", http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "X-Request-Id": {"a canary"},
	})
	want := "request_id=" + header.Get("X-Request-Id")
	if lines := auditLines(log); len(lines) != 1 || !strings.HasSuffix(lines[0], want) || strings.Contains(want, "canary") {
		t.Errorf("audit lines = %q, want one that ends with %s", lines, want)
	}
}

func TestAudit_AtAnyLogLevel(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"debug", "warn", "error"} {
		log := &logBuffer{}
		s, _ := startLoggedApp(t, http.NotFoundHandler(), map[string]string{"LOG_LEVEL": level, "LOG_FORMAT": "json"}, log)
		s.tryLogin("REST", "ana", "a canary", http.Header{"X-Request-Id": {"abc"}})
		var audits []map[string]any
		for text := range strings.Lines(log.String()) {
			var line map[string]any
			if err := json.Unmarshal([]byte(text), &line); err != nil {
				t.Fatalf("the log contains %q: %v, want JSON", text, err)
			}
			if line["msg"] == "audit" && line["action"] != "upstreamKey" {
				audits = append(audits, line)
			}
		}
		if len(audits) != 1 || audits[0]["time"] == nil || audits[0]["action"] != "login" || audits[0]["user"] != "ana" ||
			audits[0]["outcome"] != "bad credentials" || audits[0]["request_id"] != "abc" {
			t.Errorf("LOG_LEVEL=%s: audit lines = %v, want one of the login", level, audits)
		}
	}
}

func TestAudit_BehindProxies(t *testing.T) {
	t.Parallel()
	for proxies, want := range map[string]string{
		"":                        "127.0.0.1",
		"10.0.0.0/8":              "127.0.0.1",
		"127.0.0.1":               "10.0.0.2",
		"127.0.0.0/8,10.0.0.0/24": "198.51.100.7",
	} {
		log := &logBuffer{}
		s, _ := startLoggedApp(t, http.NotFoundHandler(), map[string]string{"TRUSTED_PROXIES": proxies}, log)
		for _, api := range []string{"GraphQL", "REST"} {
			s.tryLogin(api, "ana", "a canary", http.Header{"X-Forwarded-For": {"203.0.113.1, 198.51.100.7", "10.0.0.2"}})
		}
		lines := auditLines(log)
		if len(lines) != 2 {
			t.Fatalf("TRUSTED_PROXIES=%s: %d audit lines, want 2", proxies, len(lines))
		}
		for _, line := range lines {
			if !strings.Contains(line, " address="+want+" ") {
				t.Errorf("TRUSTED_PROXIES=%s: %s, want address %s", proxies, line, want)
			}
		}
	}
}
