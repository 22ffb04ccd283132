package main

import (
	"log"
	"log/slog"
	"strings"
)

// foreignLog takes lines that libraries write by themselves. What they quote somebody has sent, and is left out: net/http's
// client, for one, quotes what an upstream says unasked.
type foreignLog struct{ logger *slog.Logger }

func (f foreignLog) Write(line []byte) (int, error) {
	text, _, _ := strings.Cut(string(line), `"`)
	f.logger.Warn(strings.TrimSpace(text))
	return len(line), nil
}

// newForeignLogger returns a logger of package log over ours.
func newForeignLogger(logger *slog.Logger) *log.Logger { return log.New(foreignLog{logger}, "", 0) }

// takeLogs makes the process's own loggers write to ours.
func takeLogs(logger *slog.Logger) {
	slog.SetDefault(logger)
	log.SetFlags(0)
	log.SetOutput(foreignLog{logger})
}
