package auth

import (
	"context"
	"encoding/json"
	"time"
)

// loginTopic carries the result of each password compare to the other replicas.
const loginTopic = "auth logins"

// PubSub sends messages between replicas that serve the same users. A disconnected replica misses
// the messages of that time.
type PubSub interface {
	// Publish sends a message to every other replica that subscribes to the topic.
	Publish(ctx context.Context, topic, message string) error
	// Subscribe calls handle with each message that another replica publishes, until stop.
	Subscribe(topic string, handle func(message string)) (stop func())
}

// loginResult is the message about a login. It contains no username and no address, only a
// [hashedName] of each.
type loginResult struct {
	attempt
	Failed bool `json:"failed,omitempty"`
}

// SyncLogins publishes the results of logins to other replicas and applies theirs, until stop.
// Failed logins then count on all replicas. It must be called before the first login.
func (s *Service) SyncLogins(pubsub PubSub) (stop func()) {
	s.pubsub = pubsub
	return pubsub.Subscribe(loginTopic, func(message string) {
		var result loginResult
		// Ignore messages of versions that encode results differently.
		if json.Unmarshal([]byte(message), &result) == nil {
			s.applyResult(result)
		}
	})
}

// recordResult applies the result of a login on this replica and publishes it. It reports whether
// the user logged in from a new address. If publishing fails, only this replica counts the login.
func (s *Service) recordResult(ctx context.Context, result loginResult) (newAddress bool) {
	newAddress = s.applyResult(result)
	if s.pubsub == nil {
		return newAddress
	}
	message, err := json.Marshal(result)
	if err != nil {
		panic(err) // impossible: strings and booleans
	}
	// Callers must not escape the count by disconnecting.
	_ = s.pubsub.Publish(context.WithoutCancel(ctx), loginTopic, string(message))
	return newAddress
}

func (s *Service) applyResult(result loginResult) (newAddress bool) {
	if result.Failed {
		s.throttle.recordFailure(result.attempt)
		return false
	}
	s.throttle.recordSuccess(result.attempt)
	return result.Address != "" && s.knownAddresses.add(result.Account, result.Address, time.Now())
}
