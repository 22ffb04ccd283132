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

// maxTasks is how many tasks are remembered: the oldest is forgotten for the next.
const maxTasks = 10_000

// TaskScript is what the polls of one task are told. The zero value is PENDING, PROCESS, and a SUCCESS without result.
type TaskScript struct {
	// States are the answers to successive polls; the last one stays. Optional, PENDING, PROCESS, and then SUCCESS, or
	// FAILURE when there is an Error.
	States []string
	// Result comes with the last state, null before: a list, an object, text, nothing, anything that JSON can say.
	Result any
	// Error comes beside the result with the last state. Without it, the key is not there.
	Error string
	// Body is the whole answer in the last state, for shapes that no task should have: map[string]any{} is a body without
	// task. Optional, made of the others.
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

// bodies returns the answers to successive polls, JSON.
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

// task is a job on its way.
type task struct {
	bodies       [][]byte      // at least one
	stepDuration time.Duration // how long a state lasts, 0 for a poll
	startedAt    time.Time
	polls        int
	effect       func() // what the job has done when the last state is reached; nil before and after
}

// taskStore holds the tasks.
type taskStore struct {
	mu             sync.Mutex // guards what follows
	rng            *rand.Rand // of the ids
	stepDuration   time.Duration
	tasks          map[string]*task
	order          []string // the keys of tasks, the oldest first
	pendingEffects []*task  // those with an effect, the oldest first
}

func newTaskStore(seed uint64) *taskStore {
	return &taskStore{rng: rand.New(rand.NewPCG(seed, streamTasks)), tasks: make(map[string]*task)}
}

// newID returns a UUID that the seed decides.
func (s *taskStore) newID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	high, low := s.rng.Uint64(), s.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", high>>32, high>>16&0xffff, high&0xfff, low>>52, low&0xffff_ffff_ffff)
}

// put begins a task. Its effect may be nil; it is called with mu held.
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

// settle has those jobs take effect whose time has come, polled or not.
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

// step is the state of a task for its next poll.
func (t *task) step() int {
	step := t.polls
	if t.stepDuration > 0 {
		step = int(time.Since(t.startedAt) / t.stepDuration)
	}
	return min(step, len(t.bodies)-1)
}

// reach has the job take effect with its last state, once.
func (t *task) applyEffect(step int) {
	if step == len(t.bodies)-1 && t.effect != nil {
		t.effect()
		t.effect = nil
	}
}

// poll returns the answer of a task, nil when there is none.
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

// StartTask begins a task and returns its id. It panics on values that JSON cannot say. The last 10,000 tasks are
// remembered.
func (s *Server) StartTask(script TaskScript) (id string) {
	return s.startTask(script, nil)
}

// startJob is StartTask for a job that changes something at its end.
func (s *Server) startTask(script TaskScript, effect func()) (id string) {
	id = s.tasks.newID()
	s.tasks.start(id, script.bodies(), effect)
	return id
}

// PutTask is [Server.StartTask] for a chosen id, a UUID in lower case, and panics on another. A task that has the id begins anew.
func (s *Server) PutTask(id string, script TaskScript) {
	if _, found := splitPath("/" + id); found != id || id == "" {
		panic(fmt.Sprintf("wisphubtest: task id %q, want a UUID", id))
	}
	s.tasks.start(id, script.bodies(), nil)
}

// SetTaskPace makes the tasks that begin from now on change their state each time step has passed; 0, the default, at each
// poll.
func (s *Server) SetTaskPace(step time.Duration) {
	s.tasks.mu.Lock()
	defer s.tasks.mu.Unlock()
	s.tasks.stepDuration = step
}

func (s *Server) getTask(c *call) response {
	body := s.tasks.poll(c.id)
	switch {
	case body != nil:
		return rawResponse(http.StatusOK, "application/json", body)
	case c.quirks.NoUnknownTask:
		return jsonResponse(http.StatusOK, struct{}{})
	}
	return notFound()
}
