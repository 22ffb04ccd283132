package httpserver

import (
	"log/slog"
	"net/http"
	"testing"
	"time"
)

// TestNew_DefaultTimeouts expects the values that the README and the design document.
func TestNew_DefaultTimeouts(t *testing.T) {
	t.Parallel()
	server := New(Config{
		Handler: http.NotFoundHandler(), Timeouts: DefaultTimeouts(), Connections: NewConnLimit(ConnLimitConfig{}),
		Logger: slog.New(slog.DiscardHandler),
	})
	if server.ReadHeaderTimeout != 5*time.Second || server.ReadTimeout != 15*time.Second ||
		server.WriteTimeout != time.Minute || server.IdleTimeout != 90*time.Second || server.MaxHeaderBytes != 16<<10 {
		t.Errorf("New(DefaultTimeouts) = %+v, want the documented limits", server)
	}
}
