package rest

import "net/http"

// health says that the process answers. It asks nothing of the upstream.
func (a *api) health(w http.ResponseWriter, _ *http.Request) {
	a.success(w, "HEALTH_OK", map[string]string{"status": "ok", "service": a.service}, nil)
}
