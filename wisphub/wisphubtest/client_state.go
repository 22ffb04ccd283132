package wisphubtest

import (
	"fmt"
	"net/http"
	"strconv"
)

// stateChange is what begins a change of state. Its warnings are only there when there are any.
type stateChange struct {
	TaskID   string `json:"task_id"`
	Warnings []any  `json:"warnings,omitempty"`
}

func (s *Server) activateClients(c *call) answer { return s.changeState(c, "Activo") }

func (s *Server) suspendClients(c *call) answer { return s.changeState(c, "Suspendido") }

// changeState begins a task at whose end the services have the state. That the answer is 200 and not 202 is a choice, as is
// the task's result, null: neither is public.
func (s *Server) changeState(c *call, label string) answer {
	values, refusal, refused := c.object()
	if refused {
		return refusal
	}
	ids, wrong := servicesIn(values)
	if len(wrong) > 0 {
		return wrong.answer()
	}
	var known []int
	change := stateChange{}
	for _, id := range ids {
		if s.clients.get(id) != nil {
			known = append(known, id)
		} else {
			change.Warnings = append(change.Warnings, c.warning(id))
		}
	}
	change.TaskID = s.startJob(TaskScript{}, func() {
		if c.keeps("estado") {
			s.setState(known, label)
		}
	})
	return jsonAnswer(http.StatusOK, change)
}

func (c *call) warning(id int) any {
	if c.quirks.WarningSentences {
		return fmt.Sprintf("El servicio con id %d no existe.", id)
	}
	return id
}

// servicesIn reads a list of ids, which may be text, as Django takes them.
func servicesIn(values map[string]any) (ids []int, wrong problems) {
	const field = "servicios"
	value, given := values[field]
	list, isList := value.([]any)
	switch {
	case !given:
		return nil, problems{field: {isRequired}}
	case value == nil:
		return nil, problems{field: {isNull}}
	case !isList:
		return nil, problems{field: {"Se esperaba una lista de elementos."}}
	case len(list) == 0:
		return nil, problems{field: {"Esta lista no puede estar vacía."}}
	}
	for _, element := range list {
		text, _ := textOf(element)
		id, err := strconv.Atoi(text)
		if err != nil {
			return nil, problems{field: {noInteger}}
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// setState changes the rows that are still there.
func (s *Server) setState(ids []int, label string) {
	s.writing.Lock()
	defer s.writing.Unlock()
	for _, id := range ids {
		if row := s.clientRow(id); row != nil {
			row["estado"] = label
			s.PutRow(row)
		}
	}
}
