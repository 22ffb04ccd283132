package main

import (
	"log"
	"log/slog"
	"strings"
	"testing"
)

// TestLogsOfLibraries go into ours, without what they quote. It runs alone: the process has one log.
func TestLogsOfLibraries(t *testing.T) {
	before, flags, output := slog.Default(), log.Flags(), log.Writer()
	t.Cleanup(func() {
		slog.SetDefault(before)
		log.SetFlags(flags)
		log.SetOutput(output)
	})
	ours := &logBuffer{}
	takeLogs(slog.New(slog.NewJSONHandler(ours, nil)))
	log.Printf("Unsolicited response received on idle HTTP channel starting with %q; err=%v", canary, "EOF")
	slog.Warn("from slog")
	text := ours.String()
	if strings.Count(text, `"level":"WARN"`) != 2 || strings.Contains(text, canary) || !strings.Contains(text, `"msg":"Unsolicited response received on idle HTTP channel starting with"`) {
		t.Errorf("the log = %s, want both lines without what is quoted", text)
	}
}
