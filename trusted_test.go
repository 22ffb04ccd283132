package main

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folderOf makes a folder of files, by name.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestTrustedDocumentsNeedAFolder(t *testing.T) {
	t.Parallel()
	const want = "Configuration error: 1 validation error for Settings\nTRUSTED_DOCUMENTS_DIR\n  field required (type=value_error.missing)"
	for _, mode := range []string{"prefer", "ONLY"} {
		if _, _, err := loadSettings(minimal("TRUSTED_DOCUMENTS", mode)); err == nil || err.Error() != want {
			t.Errorf("loadSettings(TRUSTED_DOCUMENTS=%s) = %v, want\n%s", mode, err, want)
		}
	}
}

// TestMistakesOfTrustedDocuments: all of them are told at the start, by the files' names.
func TestMistakesOfTrustedDocuments(t *testing.T) {
	t.Parallel()
	folder := folderOf(t, map[string]string{"good.graphql": `{viewer{username}}`, "field.graphql": "{\n  nobody\n}", "open.graphql": `{`})
	settings, _, err := loadSettings(minimal("TRUSTED_DOCUMENTS", "only", "TRUSTED_DOCUMENTS_DIR", folder))
	if err != nil {
		t.Fatal(err)
	}
	_, err = newApp(settings, slog.New(slog.DiscardHandler), nil, false)
	const want = `Configuration error: 1 validation error for Settings
TRUSTED_DOCUMENTS_DIR
  field.graphql: line 2: Cannot query field "nobody" on type "Query". Did you mean "node"?
  open.graphql: line 1: Expected Name, found <EOF> (type=value_error.document)`
	if err == nil || err.Error() != want {
		t.Errorf("newApp =\n%v\nwant\n%s", err, want)
	}
	settings.TrustedDocumentsDir = filepath.Join(folder, "nowhere")
	if _, err := newApp(settings, slog.New(slog.DiscardHandler), nil, false); err == nil || strings.Contains(err.Error(), folder) {
		t.Errorf("newApp(no folder) = %v, want an error without the path", err)
	}
}

func TestTrustedDocumentsAreServed(t *testing.T) {
	t.Parallel()
	const viewer, facade = `{viewer{username}}`, `{facade{version}}`
	folder := folderOf(t, map[string]string{"viewer.graphql": viewer})
	for mode, want := range map[string]int{"off": http.StatusOK, "prefer": http.StatusOK, "only": http.StatusForbidden} {
		s, _ := startApp(t, http.NotFoundHandler(), map[string]string{"TRUSTED_DOCUMENTS": mode, "TRUSTED_DOCUMENTS_DIR": folder})
		s.login("ana", "a password")
		s.query(viewer, &struct{}{})
		if status, body := s.query(facade, nil); status != want {
			t.Errorf("%s: a document that is not trusted = %d %s, want %d", mode, status, body, want)
		}
		status, _, body := s.do(http.MethodPost, "/graphql", `{"documentId":"viewer"}`, http.Header{"Content-Type": {"application/json"}})
		if named := status == http.StatusOK; named != (mode != "off") {
			t.Errorf("%s: a document that is named = %d %s", mode, status, body)
		}
	}
}

// TestLimitsReachTheServer has a document for each limit that is set to a value which it exceeds by one.
func TestLimitsReachTheServer(t *testing.T) {
	t.Parallel()
	documents := map[string]string{
		"MAX_QUERY_DEPTH=1":       `{viewer{username}}`,
		"MAX_QUERY_LIST_DEPTH=1":  `{clients{nodes{otherServices{name}}}}`,
		"MAX_QUERY_FIELDS=100":    `{viewer{` + strings.Repeat("username ", 100) + `}}`,
		"MAX_QUERY_ALIASES=1":     `{a:viewer{b:username}}`,
		"MAX_QUERY_ROOT_FIELDS=1": `{__typename __typename}`,
		"MAX_QUERY_REPEATS=1":     `{viewer{username username}}`,
		"MAX_QUERY_DIRECTIVES=1":  `{__typename @skip(if:true) @include(if:true)}`,
		"MAX_QUERY_FRAGMENTS=1":   `{...A ...B} fragment A on Query{__typename} fragment B on Query{__typename}`,
		"MAX_QUERY_OPERATIONS=1":  `query A{__typename} query B{__typename}`,
		"MAX_QUERY_TOKENS=200":    `{clients(filter:{zoneId:[` + strings.Repeat("1 ", 200) + `]}){totalCount}}`,
	}
	for setting, document := range documents {
		name, value, _ := strings.Cut(setting, "=")
		s, _ := startApp(t, http.NotFoundHandler(), map[string]string{name: value})
		s.login("ana", "a password")
		status, body := s.query(document, nil)
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, "QUERY_TOO_COMPLEX") || !strings.Contains(body, "at most "+value+" ") {
			t.Errorf("%s: %s = %d %s, want QUERY_TOO_COMPLEX with the limit", setting, document, status, body)
		}
	}
}
