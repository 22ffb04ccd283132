package rest

import (
	"errors"
	"net/http"

	"wisphub-graphql/isp"
	"wisphub-graphql/isp/ping"
)

const actionPingFailed = "PING_FAILED"

type startedPing struct {
	TaskID string `json:"task_id"`
}

// connection is the diagnosis of a ping.
type connection struct {
	Connection string `json:"connection"`
	Sent       int    `json:"sent"`
	Received   int    `json:"received"`
}

// pingBody says how a client is pinged: with 1 to 20 probes, 4 when nothing is said.
type pingBody struct {
	Pings *int `json:"pings"`
}

// createPing has a client pinged.
func (a *api) createPing(w http.ResponseWriter, r *http.Request) {
	body, faults := readBody[pingBody](w, r)
	if len(faults) > 0 {
		a.invalid(w, faults)
		return
	}
	id := pathNumber(r, "service_id")
	if id == 0 {
		a.fail(w, http.StatusOK, actionPingFailed, "No existe ese cliente.")
		return
	}
	payload, err := a.provider.Desk.PingClient(r.Context(), id, body.Pings)
	switch {
	case err != nil:
		a.upstreamFailed(w, r, actionPingFailed, "task", err)
	case len(inputFaults(payload.UserErrors)) > 0:
		a.invalid(w, inputFaults(payload.UserErrors))
	case len(payload.UserErrors) > 0:
		a.fail(w, http.StatusOK, actionPingFailed, refusal(payload.UserErrors))
	default:
		a.success(w, "PING_CREATED", startedPing{payload.Task.TaskID}, nil)
	}
}

// getPing tells how a ping went, or that it goes on.
func (a *api) getPing(w http.ResponseWriter, r *http.Request) {
	task, err := a.provider.Tasks.Get(r.Context(), r.PathValue("task_id"))
	switch input := (*isp.InputError)(nil); {
	case errors.As(err, &input), err == nil && task == nil:
		a.fail(w, http.StatusOK, actionPingFailed, "No existe esa prueba de conexión.")
	case err != nil:
		a.upstreamFailed(w, r, actionPingFailed, "task", err)
	case !task.Finished:
		a.info(w, "PING_PENDING", "La prueba de conexión sigue en curso.", connection{Connection: "pending"})
	case task.Ping == nil:
		a.fail(w, http.StatusOK, actionPingFailed, "La prueba de conexión no se pudo hacer.")
	default:
		a.diagnose(w, task.Ping)
	}
}

func (a *api) diagnose(w http.ResponseWriter, report *ping.Report) {
	told := func(name string) connection { return connection{name, report.Sent, report.Received} }
	switch report.Connection {
	case ping.Stable:
		a.write(w, http.StatusOK, envelope{OK: true, Type: "success", Action: "STABLE_CONNECTION", Data: told("stable"), Message: text(report.Message)})
	case ping.Intermittent:
		a.info(w, "INTERMITTENT_CONNECTION", report.Message, told("intermittent"))
	case ping.AntennaOnly:
		a.info(w, "NO_INTERNET", report.Message, told("antenna_only"))
	case ping.NoInternet:
		a.info(w, "NO_INTERNET", report.Message, told("no_internet"))
	default:
		a.fail(w, http.StatusOK, actionPingFailed, report.Message)
	}
}
