package ping

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
	"wisphub-graphql/isp/text"
)

// Status is the diagnosis of a ping.
type Status string

// The diagnoses of a ping.
const (
	Stable       Status = "STABLE"
	Intermittent Status = "INTERMITTENT"
	AntennaOnly  Status = "ANTENNA_ONLY"
	NoInternet   Status = "NO_INTERNET"
	Failed       Status = "ERROR"
)

// stableShare is the part of the probes that must come back from a stable connection.
const stableShare = 0.8

// messages are for the subscriber.
var messages = map[Status]string{
	Stable:       "La conexión es estable.",
	Intermittent: "La conexión es intermitente: algunas pruebas no tuvieron respuesta.",
	AntennaOnly:  "La antena responde, pero el equipo del cliente no.",
	NoInternet:   "No hay conexión con el equipo del cliente.",
	Failed:       "El router no pudo hacer la prueba de conexión.",
}

// Report is what a finished ping says about a client's connection.
type Report struct {
	Connection Status
	// Message is one sentence for the subscriber, in Spanish.
	Message     string
	Sent        int
	Received    int
	LossPercent float64
	// AverageMs is over the replies that came with a time; nil when none did.
	AverageMs *float64
	Replies   []*Reply
}

// Reply is the fate of one probe.
type Reply struct {
	Sequence     int
	Host         text.OrNull
	Received     bool
	Milliseconds *float64
	// Error is "timeout", "host unreachable" or the router's own; "" for a good reply.
	Error text.OrNull

	probe   bool // sent at all: a router's error is none
	hopOnly bool // a hop before the device answered
}

const (
	hostUnreachable = "host unreachable"
	// maxRouterError bounds the text of a router that is quoted to callers.
	maxRouterError = 200
)

// Diagnose reads a task's result as a ping's; nil when it is none.
//
// A ping's result is a list of objects with one key each, ping-1 to ping-n and a summary, ping-exitoso. The summary is
// not believed: it counts "host unreachable" as a success (wisphub-net-api §5).
func Diagnose(result json.RawMessage) *Report {
	replies := pingReplies(result)
	if len(replies) == 0 {
		return nil
	}
	report := &Report{Replies: replies}
	hops, times, total := 0, 0, 0.0
	for _, reply := range replies {
		if reply.probe {
			report.Sent++
		}
		if reply.Received {
			report.Received++
		}
		if reply.hopOnly {
			hops++
		}
		if reply.Received && reply.Milliseconds != nil {
			times, total = times+1, total+*reply.Milliseconds
		}
	}
	if times > 0 {
		average := math.Round(total/float64(times)*1000) / 1000
		report.AverageMs = &average
	}
	if report.Sent > 0 {
		report.LossPercent = math.Round(float64(report.Sent-report.Received)/float64(report.Sent)*10000) / 100
	}
	report.Connection = connection(report.Sent, report.Received, hops)
	report.Message = messages[report.Connection]
	return report
}

// connection is the rule of rest-v1.md.
func connection(sent, received, hops int) Status {
	switch {
	case sent == 0:
		return Failed
	case float64(received) >= stableShare*float64(sent):
		return Stable
	case received > 0:
		return Intermittent
	case hops > 0:
		return AntennaOnly
	}
	return NoInternet
}

// pingReplies reads the probes in the order of their numbers, from a list of objects or from one object.
func pingReplies(result json.RawMessage) []*Reply {
	var objects []map[string]json.RawMessage
	for _, part := range parts(result) {
		var object map[string]json.RawMessage
		if json.Unmarshal(part, &object) == nil && object != nil {
			objects = append(objects, object)
		} else if reply := bareError(part, len(objects)+1); reply != nil {
			objects = append(objects, map[string]json.RawMessage{"ping-" + strconv.Itoa(reply.Sequence): part})
		}
	}
	var replies []*Reply
	for _, object := range objects {
		for key, value := range object {
			number, found := strings.CutPrefix(strings.ToLower(key), "ping-")
			if sequence, err := strconv.Atoi(number); found && err == nil && sequence > 0 && sequence <= math.MaxInt32 {
				replies = append(replies, newPingReply(sequence, value))
			}
		}
	}
	slices.SortStableFunc(replies, func(a, b *Reply) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return replies
}

// parts returns the elements of a list, or the value itself as the only one.
func parts(result json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(result, &list) == nil {
		return list
	}
	return []json.RawMessage{result}
}

// bareError takes a router's error that stands where an object belongs.
func bareError(part json.RawMessage, sequence int) *Reply {
	var text string
	if json.Unmarshal(part, &text) != nil || !strings.Contains(strings.ToLower(text), "ping") {
		return nil
	}
	return &Reply{Sequence: sequence}
}

// newPingReply reads one probe. Every leaf is text; text in place of the whole is a router's error.
func newPingReply(sequence int, value json.RawMessage) *Reply {
	reply := &Reply{Sequence: sequence}
	var fields map[string]any
	if json.Unmarshal(value, &fields) != nil || fields == nil {
		var message string
		_ = json.Unmarshal(value, &message) // neither object nor text: an error without words
		reply.Error = text.OrNull(routerError(message))
		return reply
	}
	leaf := func(key string) string {
		if fields[key] == nil {
			return ""
		}
		return strings.TrimSpace(fmt.Sprint(fields[key]))
	}
	status := strings.ToLower(leaf("status"))
	received, _ := strconv.ParseFloat(leaf("received"), 64) // no number: not received
	reply.probe = true
	reply.Host = text.OrNull(leaf("host"))
	reply.hopOnly = status == hostUnreachable
	reply.Received = received >= 1 && !reply.hopOnly
	reply.Milliseconds = parseMilliseconds(leaf("time"))
	if !reply.Received {
		reply.Error = text.OrNull(cmp.Or(status, "timeout"))
	}
	return reply
}

// routerError takes the words out of a Python tuple's text: ('Error "…" executing command /ping …', 'the words').
func routerError(text string) string {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		if at := strings.LastIndex(text, ", "); at >= 0 {
			text = strings.Trim(text[at+2:len(text)-1], `'" `)
		}
	}
	if utf8.RuneCountInString(text) > maxRouterError {
		text = string([]rune(text)[:maxRouterError]) + "…"
	}
	return cmp.Or(text, "router error")
}

// parseMilliseconds reads a router's time, such as 1ms287us; nil for anything else.
func parseMilliseconds(text string) *float64 {
	duration, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
	if err != nil || duration < 0 {
		return nil
	}
	ms := float64(duration) / float64(time.Millisecond)
	return &ms
}
