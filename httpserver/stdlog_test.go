package httpserver

import (
	"log"
	"log/slog"
	"strings"
	"testing"
)

// TestRedirectStdLog runs alone, because the process has one default logger.
func TestRedirectStdLog(t *testing.T) {
	before, flags, output := slog.Default(), log.Flags(), log.Writer()
	t.Cleanup(func() {
		slog.SetDefault(before)
		log.SetFlags(flags)
		log.SetOutput(output)
	})
	const secret = "canary-7f3a-do-not-show"
	var ours strings.Builder
	RedirectStdLog(slog.New(slog.NewJSONHandler(&ours, nil)))
	log.Printf("Unsolicited response received on idle HTTP channel starting with %q; err=%v", secret, "EOF")
	slog.Warn("from slog")
	text := ours.String()
	if strings.Count(text, `"level":"WARN"`) != 2 || strings.Contains(text, secret) || !strings.Contains(text, `"msg":"Unsolicited response received on idle HTTP channel starting with"`) {
		t.Errorf("log = %s, want both lines without the quoted text", text)
	}
}
