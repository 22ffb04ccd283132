package rest

import "net/http"

// healthStatus is the data of the health route.
type healthStatus struct {
	Service string `json:"service"`
	Status  string `json:"status"`
}

// health answers that the process is alive. It does not call WispHub.
func (a *api) health(w http.ResponseWriter, _ *http.Request) {
	a.success(w, "HEALTH_OK", healthStatus{Service: a.service, Status: "ok"}, nil)
}
