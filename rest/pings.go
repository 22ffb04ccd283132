package rest

import (
	"net/http"

	"wisphub-graphql/isp/ping"
)

const actionPingFailed = "PING_FAILED"

// pingTask is the data of createPing.
type pingTask struct {
	TaskID string `json:"task_id"`
}

// pingResult is the data of getPing.
type pingResult struct {
	Connection string `json:"connection"`
	Sent       int    `json:"sent"`
	Received   int    `json:"received"`
}

// pingBody has the number of probes; package isp has the default.
type pingBody struct {
	Pings *int `json:"pings"`
}

// createPing starts a ping of a client.
func (a *api) createPing(w http.ResponseWriter, r *http.Request) {
	body, errs := readBody[pingBody](w, r)
	if len(errs) > 0 {
		a.invalid(w, errs)
		return
	}
	id := pathID(r, "service_id")
	if id == 0 {
		a.fail(w, http.StatusOK, actionPingFailed, messageNoClient)
		return
	}
	payload, err := a.provider.Clients.Ping(r.Context(), id, body.Pings)
	switch {
	case err != nil:
		a.upstreamFailed(w, r, actionPingFailed, "task", err)
	case len(inputErrors(payload.UserErrors)) > 0:
		a.invalid(w, inputErrors(payload.UserErrors))
	case len(payload.UserErrors) > 0:
		a.fail(w, http.StatusOK, actionPingFailed, refusalMessage(payload.UserErrors))
	default:
		a.success(w, "PING_CREATED", pingTask{payload.Task.TaskID}, nil)
	}
}

// getPing answers with the diagnosis of a ping, or with PING_PENDING while it runs.
func (a *api) getPing(w http.ResponseWriter, r *http.Request) {
	task, err := a.provider.Tasks.Get(r.Context(), r.PathValue("task_id"))
	switch {
	case err != nil:
		a.upstreamFailed(w, r, actionPingFailed, "task", err)
	case task == nil:
		a.fail(w, http.StatusOK, actionPingFailed, "No existe esa prueba de conexión.")
	case !task.Finished:
		a.info(w, "PING_PENDING", "La prueba de conexión sigue en curso.", pingResult{Connection: "pending"})
	case task.Ping == nil:
		a.fail(w, http.StatusOK, actionPingFailed, "La prueba de conexión no se pudo hacer.")
	default:
		a.answerPing(w, task.Ping)
	}
}

func (a *api) answerPing(w http.ResponseWriter, report *ping.Report) {
	result := func(connection string) pingResult { return pingResult{connection, report.Sent, report.Received} }
	switch report.Connection {
	case ping.Stable:
		a.write(w, http.StatusOK, envelope{
			OK: true, Type: "success", Action: "STABLE_CONNECTION", Data: result("stable"), Message: nullIfEmpty(report.Message),
		})
	case ping.Intermittent:
		a.info(w, "INTERMITTENT_CONNECTION", report.Message, result("intermittent"))
	case ping.AntennaOnly:
		a.info(w, "NO_INTERNET", report.Message, result("antenna_only"))
	case ping.NoInternet:
		a.info(w, "NO_INTERNET", report.Message, result("no_internet"))
	default:
		a.fail(w, http.StatusOK, actionPingFailed, report.Message)
	}
}
