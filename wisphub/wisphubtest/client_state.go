package wisphubtest

import (
	"fmt"
	"net/http"
	"strconv"
)

// stateChange is what begins a change of state. Its warnings are only there when there are any.
type stateChangeStarted struct {
	TaskID   string `json:"task_id"`
	Warnings []any  `json:"warnings,omitempty"`
}

func (s *Server) activateClients(c *call) response { return s.changeClientStates(c, "Activo") }

func (s *Server) suspendClients(c *call) response { return s.changeClientStates(c, "Suspendido") }

// changeState begins a task at whose end the services have the state. That the answer is 200 and not 202 is a choice, as is
// the task's result, null: neither is public.
func (s *Server) changeClientStates(c *call, label string) response {
	values, refusal, refused := c.jsonObject()
	if refused {
		return refusal
	}
	ids, wrong := serviceIDs(values)
	if len(wrong) > 0 {
		return wrong.response()
	}
	var known []int
	change := stateChangeStarted{}
	for _, id := range ids {
		if s.clients.get(id) != nil {
			known = append(known, id)
		} else {
			change.Warnings = append(change.Warnings, c.warning(id))
		}
	}
	change.TaskID = s.startTask(TaskScript{}, func() {
		if c.persists("estado") {
			s.setClientStates(known, label)
		}
	})
	return jsonResponse(http.StatusOK, change)
}

func (c *call) warning(id int) any {
	if c.quirks.WarningSentences {
		return fmt.Sprintf("El servicio con id %d no existe.", id)
	}
	return id
}

// servicesIn reads a list of ids, which may be text, as Django takes them.
func serviceIDs(values map[string]any) (ids []int, wrong fieldErrors) {
	const field = "servicios"
	value, given := values[field]
	list, isList := value.([]any)
	switch {
	case !given:
		return nil, fieldErrors{field: {msgRequired}}
	case value == nil:
		return nil, fieldErrors{field: {msgNull}}
	case !isList:
		return nil, fieldErrors{field: {"Se esperaba una lista de elementos."}}
	case len(list) == 0:
		return nil, fieldErrors{field: {"Esta lista no puede estar vacía."}}
	}
	for _, element := range list {
		text, _ := asText(element)
		id, err := strconv.Atoi(text)
		if err != nil {
			return nil, fieldErrors{field: {msgNotInteger}}
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// setState changes the rows that are still there.
func (s *Server) setClientStates(ids []int, label string) {
	s.writeMu.Lock()
	defer s.writeMu.Unlock()
	for _, id := range ids {
		if row := s.clientRowByID(id); row != nil {
			row["estado"] = label
			s.PutRow(row)
		}
	}
}
