package wisphubtest

import (
	"fmt"
	"net/http"
	"strconv"
)

// stateChangeStarted is the response to a change of state. WispHub omits warnings if there are
// none.
type stateChangeStarted struct {
	TaskID   string `json:"task_id"`
	Warnings []any  `json:"warnings,omitempty"`
}

func (s *Server) activateClients(c *call) *response { return s.changeClientStates(c, "Activo") }

func (s *Server) suspendClients(c *call) *response { return s.changeClientStates(c, "Suspendido") }

// changeClientStates starts a task that sets the state of the services when it ends. The status
// 200 rather than 202, and the task's null result, are our choice: WispHub's are not public.
func (s *Server) changeClientStates(c *call, label string) *response {
	values, rejection := c.jsonObject()
	if rejection != nil {
		return rejection
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

// serviceIDs reads a list of ids. Like Django, it accepts ids sent as text.
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

// setClientStates changes the rows that still exist.
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
