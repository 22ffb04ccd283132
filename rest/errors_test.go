package rest

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"wisphub-graphql/auth"
)

func TestLogFailure_RequestID(t *testing.T) {
	t.Parallel()
	logger, lines := newTestLogger()
	a := &api{log: logger}
	request := httptest.NewRequest("GET", "/", nil)
	request = request.WithContext(auth.WithSource(request.Context(), auth.Source{RequestID: "id-1"}))
	a.logFailure(request, slog.LevelWarn, "route failed")
	if !strings.Contains(lines.String(), "request_id=id-1") {
		t.Errorf("log = %s, want it to contain request_id=id-1", lines)
	}
}

func TestHandler_AnswerPanic(t *testing.T) {
	t.Parallel()
	for _, lowerCase := range []bool{false, true} {
		want := envelopeJSON("error", "ERROR", "", "")
		if lowerCase {
			want = envelopeJSON("error", "error", "", "")
		}
		recorder := httptest.NewRecorder()
		handler := New(Config{Auth: &fakeAuth{}, LowerCaseActions: lowerCase})
		handler.AnswerPanic(recorder, httptest.NewRequest("GET", "/", nil))
		if got := strings.TrimSpace(recorder.Body.String()); recorder.Code != 500 || got != want {
			t.Errorf("AnswerPanic() with LowerCaseActions %t = %d %s, want 500 %s", lowerCase, recorder.Code, got, want)
		}
	}
}
