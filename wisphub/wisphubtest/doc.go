// Package wisphubtest simulates WispHub Net for tests, the demo and load tests. It is an
// [http.Handler] with believable data, WispHub's quirks, and faults to switch on.
//
// The simulation follows the public evidence. Well attested quirks are on by default, and nothing
// is kinder than what sources saw. It needs no network, keeps its data in memory, and imports no
// other package of this module:
//
//	upstream := wisphubtest.New(wisphubtest.Config{Clients: 1_000, Seed: 1})
//	server := httptest.NewServer(upstream)
//	defer server.Close()
//	defer upstream.Close() // runs first: server.Close waits for calls that hang
//
// It has tickets of the last 14 months ([Server.PutTicket], [Server.Ticket]). It has tasks that a
// test starts and whose polls it scripts ([Server.StartTask], [Server.PingTask]).
//
// Writes to profiles, tickets and their answers are stored at once, and the state of services when
// the task ends. Where WispHub only echoes a write, so does the simulation. A test reads writes
// back with [Server.Row], [Server.Ticket] and [Server.TicketsOf], and scripts a client's pings with
// [Server.ScriptPing]. [Faults.HangAfterWrite] and [Faults.EchoOnly] make writes mislead callers.
//
// Requests are counted by route ([Server.Requests]) and recorded in a bounded log ([Server.Log]),
// so that a test can assert the cost of a query.
//
// All data is invented: names, documents, phones, passwords and coordinates come from a seeded
// generator.
package wisphubtest
