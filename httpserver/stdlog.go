package httpserver

import (
	"log"
	"log/slog"
	"strings"
)

// stdWriter passes lines of package log to a structured logger, up to the first quote. Quoted text
// comes from a peer and may be secret: the HTTP client of net/http, for example, quotes data that
// a server sends on an idle connection.
type stdWriter struct{ logger *slog.Logger }

func (s stdWriter) Write(line []byte) (int, error) {
	text, _, _ := strings.Cut(string(line), `"`)
	s.logger.Warn(strings.TrimSpace(text))
	return len(line), nil
}

// NewStdLogger returns a [log.Logger] that writes warnings to logger, without quoted text.
func NewStdLogger(logger *slog.Logger) *log.Logger { return log.New(stdWriter{logger}, "", 0) }

// RedirectStdLog makes the default loggers of packages log and slog write to logger. It changes
// global state: call it once.
func RedirectStdLog(logger *slog.Logger) {
	slog.SetDefault(logger)
	log.SetFlags(0)
	log.SetOutput(stdWriter{logger})
}
