package wisphubtest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The states of a task.
const (
	TaskPending = "PENDING"
	TaskProcess = "PROCESS"
	TaskSuccess = "SUCCESS"
	TaskFailure = "FAILURE"
)

// maxTasks is the number of stored tasks. A further one evicts the oldest.
const maxTasks = 10_000

// TaskScript defines the responses to the polls of one task. The zero value is PENDING, PROCESS,
// then SUCCESS without a result.
type TaskScript struct {
	// States are the states of successive polls. The last one stays. Optional: PENDING, PROCESS,
	// then SUCCESS, or FAILURE if there is an Error.
	States []string
	// Result accompanies the last state; it is null before. Any value that encoding/json can
	// encode.
	Result any
	// Error accompanies the last state. If it is empty, the key is absent.
	Error string
	// Body replaces the whole response of the last state, for malformed responses:
	// map[string]any{} is a body without a task. Optional, built from the other fields.
	Body any
}

type taskBody struct {
	Task taskRow `json:"task"`
}

type taskRow struct {
	Status string `json:"status"`
	Result any    `json:"result"`
	Error  string `json:"error,omitempty"`
}

// bodies returns the responses to successive polls, as JSON.
func (script TaskScript) bodies() [][]byte {
	states := script.States
	if len(states) == 0 {
		states = []string{TaskPending, TaskProcess, TaskSuccess}
		if script.Error != "" {
			states[2] = TaskFailure
		}
	}
	bodies := make([][]byte, 0, len(states))
	last := len(states) - 1
	for _, state := range states[:last] {
		bodies = append(bodies, encode(taskBody{taskRow{Status: state}}))
	}
	if script.Body != nil {
		return append(bodies, encode(script.Body))
	}
	return append(bodies, encode(taskBody{taskRow{Status: states[last], Result: script.Result, Error: script.Error}}))
}

// task is a background task of WispHub.
type task struct {
	bodies       [][]byte      // at least one
	stepDuration time.Duration // the duration of a state; 0 makes each poll a step
	startedAt    time.Time
	polls        int
	effect       func() // applied once, with the last state; nil before and after
}

// taskStore holds the tasks.
type taskStore struct {
	mu             sync.Mutex // guards the fields below
	rng            *rand.Rand // decides the ids
	stepDuration   time.Duration
	tasks          map[string]*task
	order          []string // the keys of tasks, oldest first
	pendingEffects []*task  // tasks with an effect, oldest first
}

func newTaskStore(seed uint64) *taskStore {
	return &taskStore{rng: rand.New(rand.NewPCG(seed, streamTasks)), tasks: make(map[string]*task)}
}

// newID returns a UUID that depends on the seed.
func (s *taskStore) newID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	high, low := s.rng.Uint64(), s.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", high>>32, high>>16&0xffff, high&0xfff, low>>52, low&0xffff_ffff_ffff)
}

// start stores a task. It calls effect, which may be nil, with mu held.
func (s *taskStore) start(id string, bodies [][]byte, effect func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, found := s.tasks[id]; found {
		old.effect = nil
	} else {
		if len(s.order) == maxTasks {
			s.tasks[s.order[0]].effect = nil
			delete(s.tasks, s.order[0])
			s.order = s.order[1:]
		}
		s.order = append(s.order, id)
	}
	t := &task{bodies: bodies, stepDuration: s.stepDuration, startedAt: time.Now(), effect: effect}
	s.tasks[id] = t
	if effect != nil {
		s.pendingEffects = append(s.pendingEffects, t)
	}
}

// finishDue applies the effects of tasks whose time has passed, polled or not.
func (s *taskStore) finishDue() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pendingEffects = slices.DeleteFunc(s.pendingEffects, func(t *task) bool {
		if t.stepDuration > 0 {
			t.applyEffect(t.step())
		}
		return t.effect == nil
	})
}

// step returns the index of the body for the next poll.
func (t *task) step() int {
	step := t.polls
	if t.stepDuration > 0 {
		step = int(time.Since(t.startedAt) / t.stepDuration)
	}
	return min(step, len(t.bodies)-1)
}

// applyEffect applies the effect once, with the last state.
func (t *task) applyEffect(step int) {
	if step == len(t.bodies)-1 && t.effect != nil {
		t.effect()
		t.effect = nil
	}
}

// poll returns the response for a task, nil if there is none.
func (s *taskStore) poll(id string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, found := s.tasks[id]
	if !found {
		return nil
	}
	step := t.step()
	t.polls++
	t.applyEffect(step)
	return t.bodies[step]
}

// StartTask starts a task and returns its id. It panics on values that encoding/json cannot
// encode. The Server stores the last 10,000 tasks.
func (s *Server) StartTask(script TaskScript) (id string) {
	return s.startTask(script, nil)
}

// startTask is StartTask for a task that changes data when it ends.
func (s *Server) startTask(script TaskScript, effect func()) (id string) {
	id = s.tasks.newID()
	s.tasks.start(id, script.bodies(), effect)
	return id
}

// PutTask is [Server.StartTask] with a chosen id. It panics unless id is a UUID in lower case. It
// replaces a task with the same id.
func (s *Server) PutTask(id string, script TaskScript) {
	if _, found := splitPath("/" + id); found != id || id == "" {
		panic(fmt.Sprintf("wisphubtest: task id %q, want a UUID", id))
	}
	s.tasks.start(id, script.bodies(), nil)
}

// SetTaskPace makes later tasks change their state each time step has passed. With 0, the default,
// they change at each poll.
func (s *Server) SetTaskPace(step time.Duration) {
	s.tasks.mu.Lock()
	defer s.tasks.mu.Unlock()
	s.tasks.stepDuration = step
}

func (s *Server) getTask(c *call) *response {
	body := s.tasks.poll(c.id)
	switch {
	case body != nil:
		return rawResponse(http.StatusOK, "application/json", body)
	case c.quirks.NoUnknownTask:
		return jsonResponse(http.StatusOK, struct{}{})
	}
	return notFound()
}
