package main

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeFolder creates a folder with these files, by name.
func writeFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestTrustedDocuments_Errors expects one startup error with all invalid files.
func TestTrustedDocuments_Errors(t *testing.T) {
	t.Parallel()
	folder := writeFolder(t, map[string]string{"good.graphql": `{viewer{username}}`, "field.graphql": "{\n  nodey\n}", "open.graphql": `{`})
	settings := loadSettings(t, testEnviron("https://api.wisphub.net", map[string]string{
		"TRUSTED_DOCUMENTS": "only", "TRUSTED_DOCUMENTS_DIR": folder,
	}))
	_, err := newApp(settings, slog.New(slog.DiscardHandler), nil, false)
	const want = `Configuration error: 1 validation error for Settings
TRUSTED_DOCUMENTS_DIR
  field.graphql: line 2: Cannot query field "nodey" on type "Query". Did you mean "node", "zone", or "zones"?
  open.graphql: line 1: Expected Name, found <EOF> (type=value_error.document)`
	if err == nil || err.Error() != want {
		t.Errorf("newApp =\n%v\nwant\n%s", err, want)
	}
	settings.TrustedDocumentsDir = filepath.Join(folder, "nowhere")
	if _, err := newApp(settings, slog.New(slog.DiscardHandler), nil, false); err == nil || strings.Contains(err.Error(), folder) {
		t.Errorf("newApp(no folder) = %v, want an error without the path", err)
	}
}

func TestTrustedDocuments_Modes(t *testing.T) {
	t.Parallel()
	const viewer, facade = `{viewer{username}}`, `{facade{version}}`
	folder := writeFolder(t, map[string]string{"viewer.graphql": viewer})
	for mode, want := range map[string]int{"off": http.StatusOK, "prefer": http.StatusOK, "only": http.StatusForbidden} {
		s, _ := startApp(t, http.NotFoundHandler(), map[string]string{"TRUSTED_DOCUMENTS": mode, "TRUSTED_DOCUMENTS_DIR": folder})
		s.login("ana", "a password")
		s.query(viewer, &struct{}{})
		if status, body := s.query(facade, nil); status != want {
			t.Errorf("%s: an untrusted document = %d %s, want %d", mode, status, body, want)
		}
		status, _, body := s.do(http.MethodPost, "/graphql", `{"documentId":"viewer"}`, http.Header{"Content-Type": {"application/json"}})
		if named := status == http.StatusOK; named != (mode != "off") {
			t.Errorf("%s: a document named by id = %d %s, want it served unless off", mode, status, body)
		}
	}
}

// TestDocumentLimits_Settings sends a document that exceeds the limit for each setting.
func TestDocumentLimits_Settings(t *testing.T) {
	t.Parallel()
	documents := map[string]string{
		"MAX_QUERY_DEPTH=1":    `{viewer{username}}`,
		"MAX_QUERY_FIELDS=100": `{viewer{` + strings.Repeat("username ", 100) + `}}`,
		"MAX_QUERY_TOKENS=200": `{clients(filter:{zoneId:[` + strings.Repeat("1 ", 200) + `]}){totalCount}}`,
	}
	for setting, document := range documents {
		name, value, _ := strings.Cut(setting, "=")
		s, _ := startApp(t, http.NotFoundHandler(), map[string]string{name: value})
		s.login("ana", "a password")
		status, body := s.query(document, nil)
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, "QUERY_TOO_COMPLEX") || !strings.Contains(body, " of "+value) {
			t.Errorf("%s: %s = %d %s, want QUERY_TOO_COMPLEX with the limit", setting, document, status, body)
		}
	}
}
