package wisphubtest

import "net/http"

// maxPings limits the pings of one request. WispHub's limit is not known.
const maxPings = 100

// pingStarted is the response to a ping request.
type pingStarted struct {
	ID     string `json:"task_id"`
	Status string `json:"status"`
}

// ScriptPing sets the outcome of later pings of a client, whatever its state.
func (s *Server) ScriptPing(client int, outcome PingOutcome) {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	s.scriptedPings[client] = outcome
}

// pingClient starts a task that ends with the results of the pings.
func (s *Server) pingClient(c *call) *response {
	row := s.clientRowByID(c.idNumber())
	if row == nil {
		return notFound()
	}
	values, rejection := c.jsonObject()
	if rejection != nil {
		return rejection
	}
	pings, wrong := pingCount(values)
	if len(wrong) > 0 {
		return wrong.response()
	}
	id := s.StartTask(TaskScript{Result: pingResult(s.clientPingOutcome(row, values), pings, newPingTarget(row))})
	return jsonResponse(http.StatusAccepted, pingStarted{id, TaskProcess})
}

func pingCount(values map[string]any) (pings int, wrong fieldErrors) {
	wrong = make(fieldErrors)
	number, isNumber := values["pings"].(float64)
	pings = int(number)
	switch _, given := values["pings"]; {
	case !given:
		wrong.add("pings", msgRequired)
	case !isNumber || number != float64(pings):
		wrong.add("pings", msgNotInteger)
	case pings < 1 || pings > maxPings:
		wrong.add("pings", "Asegúrese de que este valor esté entre 1 y 100.")
	}
	if place, given := values["interfaz"]; given && place == nil {
		wrong.add("interfaz", msgNull)
	}
	return pings, wrong
}

// clientPingOutcome derives the outcome from the request and the client's state. An active client
// replies and a suspended one is silent. Without an address the router reports an error.
func (s *Server) clientPingOutcome(row, request map[string]any) PingOutcome {
	s.writeMu.Lock()
	scripted, isScripted := s.scriptedPings[usableID(row["id_servicio"])]
	s.writeMu.Unlock()
	place, _ := request["interfaz"].(string)
	switch {
	case request["arp_ping"] == true && place == "":
		return PingARPError
	case isScripted:
		return scripted
	case row["ip"] == nil || row["ip"] == "":
		return PingRouterError
	case row["estado"] != "Activo" && row["estado"] != "Gratis":
		return PingSilent
	case request["arp_ping"] == true:
		return PingARP
	}
	return PingStable
}

func newPingTarget(row map[string]any) pingTarget {
	target := pingTarget{mac: pingedMAC}
	target.ip, _ = row["ip"].(string)
	if mac, _ := row["mac_cpe"].(string); mac != "" {
		target.mac = mac
	}
	return target
}
