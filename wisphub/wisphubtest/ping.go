package wisphubtest

import "fmt"

// PingOutcome is the result of a ping from the router to a client.
type PingOutcome int

// The outcomes of a ping. PingLossy and PingMixed need at least two pings.
const (
	PingStable      PingOutcome = iota // every ping gets a reply
	PingLossy                          // every second ping times out
	PingAntennaOnly                    // a public host is unreachable, every second ping times out
	PingSilent                         // every ping times out
	PingARP                            // a MAC address replies, without ttl and size
	PingRouterError                    // the router fails: each result is an error text
	PingMixed                          // every second result is an error text
	PingARPError                       // the error text of an ARP ping without an interface
)

// pingTarget is pinged by its IP address, or by its MAC address with ARP.
type pingTarget struct{ ip, mac string }

const (
	pingedHost      = "10.0.0.26"
	pingedMAC       = "02:00:00:00:00:1A"
	publicHop       = "198.51.100.7" // stands for a public address
	routerErrorText = `('Error "input does not match any value of interface" executing command ` +
		`/ping =address=%s =count=1 =interface=ether9', 'input does not match any value of interface')`
	noInterfaceText = "failure: interface needs to be specified for arp ping"
)

// roundTrips are durations in RouterOS's format.
var roundTrips = []string{"1ms287us", "945us", "2ms31us", "12ms604us", "3ms"}

// PingTask starts a task that ends in SUCCESS with the results of that many pings, at least one.
// It returns the task's id.
func (s *Server) PingTask(outcome PingOutcome, pings int) (id string) {
	return s.StartTask(TaskScript{Result: pingResult(outcome, pings, pingTarget{pingedHost, pingedMAC})})
}

// pingResult returns a list of objects with one key each. The last one counts the successes, as
// text like all other values.
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

// probe returns the result of ping n, from 0, and whether WispHub counts it as a success. It
// counts "host unreachable".
func (t pingTarget) probe(o PingOutcome, n int) (result any, success bool) {
	second := n%2 == 1
	switch {
	case o == PingARPError:
		return noInterfaceText, false
	case o == PingRouterError, o == PingMixed && second:
		return fmt.Sprintf(routerErrorText, t.ip), false
	case o == PingSilent, o == PingLossy && second, o == PingAntennaOnly && second:
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
	probe := timeout(publicHop)
	probe["status"] = "host unreachable"
	probe["time"], probe["ttl"], probe["size"] = "31ms402us", "61", "84"
	return probe
}
