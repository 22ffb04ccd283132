package wisphubtest

import "fmt"

// PingOutcome is how a ping from the router to a client ends.
type PingOutcome int

// The outcomes of a ping. PingLossy and PingMixed need at least two pings.
const (
	PingStable      PingOutcome = iota // every ping gets its reply
	PingLossy                          // every other ping times out
	PingAntennaOnly                    // another, public host says "host unreachable", every other ping times out
	PingSilent                         // every ping times out
	PingARP                            // a MAC replies, without ttl and size
	PingRouterError                    // the router refuses: each result is text
	PingMixed                          // every other result is such text, between replies
	PingARPError                       // as PingRouterError, for an ARP ping without an interface
)

// pingTarget is what a router pings: an address, or a MAC by ARP.
type pingTarget struct{ ip, mac string }

const (
	pingedHost = "10.0.0.26"
	pingedMAC  = "02:00:00:00:00:1A"
	otherHop   = "198.51.100.7" // stands for a public address
	refusedBy  = `('Error "input does not match any value of interface" executing command ` +
		`/ping =address=%s =count=1 =interface=ether9', 'input does not match any value of interface')`
	noInterface = "failure: interface needs to be specified for arp ping"
)

// roundTrips are times as RouterOS writes them.
var roundTrips = []string{"1ms287us", "945us", "2ms31us", "12ms604us", "3ms"}

// PingTask begins a task that ends in SUCCESS with the results of so many pings, at least one, and returns its id.
func (s *Server) PingTask(outcome PingOutcome, pings int) (id string) {
	return s.StartTask(TaskScript{Result: pingResult(outcome, pings, pingTarget{pingedHost, pingedMAC})})
}

// pingResult is a list of objects with one key each, the last of which is the count of successes, text like all the rest.
func pingResult(outcome PingOutcome, pings int, target pingTarget) []map[string]any {
	result := make([]map[string]any, 0, pings+1)
	successes := 0
	for n := range pings {
		probe, success := target.probe(outcome, n)
		result = append(result, map[string]any{fmt.Sprintf("ping-%d", n+1): probe})
		if success {
			successes++
		}
	}
	return append(result, map[string]any{"ping-exitoso": fmt.Sprintf("%d de %d", successes, pings)})
}

// probe returns the result of ping n, from 0, and whether it counts as a success: "host unreachable" does.
func (t pingTarget) probe(o PingOutcome, n int) (result any, success bool) {
	odd := n%2 == 1
	switch {
	case o == PingARPError:
		return noInterface, false
	case o == PingRouterError, o == PingMixed && odd:
		return fmt.Sprintf(refusedBy, t.ip), false
	case o == PingSilent, o == PingLossy && odd, o == PingAntennaOnly && odd:
		return timeout(t.ip), false
	case o == PingAntennaOnly:
		return unreachable(), true
	case o == PingARP:
		return reply(t.mac, n), true
	}
	probe := reply(t.ip, n)
	probe["ttl"], probe["size"] = "64", "56"
	return probe, true
}

func reply(host string, n int) map[string]string {
	took := roundTrips[n%len(roundTrips)]
	return map[string]string{
		"received": "1", "host": host, "sent": "1", "packet-loss": "0", "seq": "0",
		"time": took, "min-rtt": took, "max-rtt": took, "avg-rtt": took,
	}
}

func timeout(host string) map[string]string {
	return map[string]string{
		"status": "timeout", "host": host, "received": "0", "sent": "1", "packet-loss": "100", "seq": "0",
	}
}

func unreachable() map[string]string {
	probe := timeout(otherHop)
	probe["status"] = "host unreachable"
	probe["time"], probe["ttl"], probe["size"] = "31ms402us", "61", "84"
	return probe
}
