// Package wisphubtest is a WispHub Net for tests, the demo and load: an [http.Handler] with believable data, the
// quirks of the real one and faults on switches.
//
// It is as honest as the public evidence: a quirk that is well attested is on by default, and nothing is made kinder
// than what was seen. It needs no network, keeps everything in memory and imports nothing else of this module:
//
//	upstream := wisphubtest.New(wisphubtest.Config{Clients: 1_000, Seed: 1})
//	server := httptest.NewServer(upstream)
//	defer server.Close()
//	defer upstream.Close() // runs first: server.Close waits for calls that hang
//
// It has a help desk, too: tickets of the last 14 months ([Server.PutTicket], [Server.Ticket]), and tasks that a test begins and
// whose polls it scripts ([Server.StartTask], [Server.PingTask]).
//
// What is written is kept, and echoed only where the real one echoes only: profiles, the state of services (with the end of their
// task), tickets and their answers. A test reads it back by [Server.Row], [Server.Ticket] and [Server.TicketsOf], and scripts
// pings of a client by [Server.ScriptPing]. [Faults.HangAfterWrite] and [Faults.EchoOnly] are the ways in which writes deceive.
//
// Every request is counted by route ([Server.Requests]) and kept in a bounded log ([Server.Log]), so that a test can
// assert what a query cost.
//
// All data is invented: names, documents, phones, passwords and coordinates come from a seeded generator.
package wisphubtest
