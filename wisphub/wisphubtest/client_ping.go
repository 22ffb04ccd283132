package wisphubtest

import "net/http"

// maxPings bounds a result. The real bound is not known.
const maxPings = 100

// startedTask is what begins a ping.
type startedTask struct {
	ID     string `json:"task_id"`
	Status string `json:"status"`
}

// ScriptPing makes pings of a client end in this way from now on, whatever its state.
func (s *Server) ScriptPing(client int, outcome PingOutcome) {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.pings[client] = outcome
}

// pingClient begins a task whose result is that of so many pings.
func (s *Server) pingClient(c *call) answer {
	row := s.clientRow(c.number())
	if row == nil {
		return notFound()
	}
	values, refusal, refused := c.object()
	if refused {
		return refusal
	}
	pings, wrong := pingsIn(values)
	if len(wrong) > 0 {
		return wrong.answer()
	}
	id := s.StartTask(TaskScript{Result: pingResult(s.pingOutcome(row, values), pings, pingTargetOf(row))})
	return jsonAnswer(http.StatusAccepted, startedTask{id, TaskProcess})
}

func pingsIn(values map[string]any) (pings int, wrong problems) {
	wrong = make(problems)
	number, isNumber := values["pings"].(float64)
	pings = int(number)
	switch _, given := values["pings"]; {
	case !given:
		wrong.add("pings", isRequired)
	case !isNumber || number != float64(pings):
		wrong.add("pings", noInteger)
	case pings < 1 || pings > maxPings:
		wrong.add("pings", "Asegúrese de que este valor esté entre 1 y 100.")
	}
	if place, given := values["interfaz"]; given && place == nil {
		wrong.add("interfaz", isNull)
	}
	return pings, wrong
}

// pingOutcome is what the request and the client's state make likely: who has service replies, who has none is silent, and
// without an address the router has nothing to ping.
func (s *Server) pingOutcome(row, request map[string]any) PingOutcome {
	s.writing.Lock()
	scripted, isScripted := s.pings[usableID(row["id_servicio"])]
	s.writing.Unlock()
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

func pingTargetOf(row map[string]any) pingTarget {
	target := pingTarget{mac: pingedMAC}
	target.ip, _ = row["ip"].(string)
	if mac, _ := row["mac_cpe"].(string); mac != "" {
		target.mac = mac
	}
	return target
}
