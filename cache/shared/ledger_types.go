package shared

import "time"

// The types of a [Ledger] are aliases of structs without a name, so that the
// package that uses it can name them, too, and neither imports the other.
type (
	// Member is what a replica tells the ledger about itself.
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

	// View is what the ledger tells a replica.
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
		// Fresh is true if the ledger did not know the replica, so that its calls have new numbers.
		Fresh bool
	}
)
