package auth

import (
	"context"
	"encoding/json"
	"time"
)

// topicLogins has what became of each login that another replica compared.
const topicLogins = "auth logins"

// Replicas lets those who serve the same users hear of each other. What is said while a replica is away it misses.
type Replicas interface {
	// Publish says text to every other replica that watches the topic.
	Publish(ctx context.Context, topic, text string) error
	// Subscribe has heard called with what others say on the topic, until stop.
	Subscribe(topic string, heard func(text string)) (stop func())
}

// outcome is the news of a login. It holds no name and no address, see [digest].
type outcome struct {
	try
	Failed bool `json:"failed,omitempty"`
}

// Join has this service count the failed logins of the other replicas as well, and tell them of its own, until leave. It
// must be called before the first login.
func (s *Service) Join(replicas Replicas) (leave func()) {
	s.replicas = replicas
	return replicas.Subscribe(topicLogins, func(text string) {
		var o outcome
		if json.Unmarshal([]byte(text), &o) == nil { // another version's news is no news
			s.note(o)
		}
	})
}

// settle notes what became of a login here and tells the others. It reports whether it is the user's first from there. Whoever
// cannot be told counts for himself.
func (s *Service) settle(ctx context.Context, o outcome) (first bool) {
	first = s.note(o)
	if s.replicas == nil {
		return first
	}
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // texts and truths
	}
	_ = s.replicas.Publish(context.WithoutCancel(ctx), topicLogins, string(text)) // who fails and hangs up has failed all the same
	return first
}

func (s *Service) note(o outcome) (first bool) {
	if o.Failed {
		s.throttle.failed(o.try)
		return false
	}
	s.throttle.passed(o.try)
	return o.Address != "" && s.homes.add(o.Account, o.Address, time.Now())
}
