package ratelimit

import (
	"context"
	"time"
)

// Log is the usage log in which replicas record their calls, so that together they stay within
// the limits. It has its own clock: calls are passed with their age. It numbers the calls in the
// order in which it learned of them. It is safe for concurrent use, and each method returns within
// a bounded time.
//
// A log that was lost, or that has forgotten calls, fails until Merge has succeeded.
type Log interface {
	// Enter records a call that is sent now and returns its number. It records nothing, and
	// returns a wait above 0, if the call exceeds a limit.
	Enter(ctx context.Context, m Member, e Entry) (number int64, wait time.Duration, err error)
	// Leave removes a call that was not sent.
	Leave(ctx context.Context, id string) error
	// Sync returns what the replica lacks.
	Sync(ctx context.Context, m Member) (View, error)
	// Merge is Sync for a replica that the log may not know. It adds the calls that the log lacks,
	// given by their age, and returns all its calls.
	Merge(ctx context.Context, m Member, calls map[string]time.Duration) (View, error)
	// Quit removes a replica that sends no more calls.
	Quit(ctx context.Context, m Member) error
	// Pause makes Enter refuse all calls for the given time.
	Pause(ctx context.Context, wait time.Duration) error
	// Resume ends a pause.
	Resume(ctx context.Context) error
	// Subscribe calls changed with the id of each call that another replica records, and with ""
	// when another replica joins, until stop is called.
	Subscribe(changed func(id string)) (stop func())
	// Replicas returns how many replicas share the log, as far as is known; at least 1.
	Replicas() int
}

// The following types are aliases of structs without a name, so that cache/shared can implement Log
// without importing this package.
type (
	// Member is what a replica tells the log about itself.
	Member = struct {
		// Name is unique, and part of the id of each call of this replica.
		Name string
		// Known is the number up to which the replica has all calls.
		Known int64
		// Shares is by how many the replica divides what is left of the limits. 0 means that it sends
		// nothing yet.
		Shares int
	}

	// Entry is a call to record.
	Entry = struct {
		ID string
		// Minute and Hour are the calls that the two windows may hold with this one. They depend on
		// its priority.
		Minute, Hour int
		// MinuteLimit and HourLimit bound all calls.
		MinuteLimit, HourLimit int
	}

	// Other is another replica. Its name does not matter.
	Other = struct {
		Known  int64
		Shares int
	}

	// View is what the log tells a replica.
	View = struct {
		// Calls are those that the replica lacks: ages by id.
		Calls map[string]time.Duration
		// Known is the number of the latest call.
		Known int64
		// Others are the other replicas.
		Others []Other
		// Pending is true while a replica that is in contact has not confirmed all calls.
		Pending bool
		// Shares is by how many the replica may divide what is left from now on.
		Shares int
		// Fresh is true if the log did not know the replica, so that its calls have new numbers.
		Fresh bool
	}
)
