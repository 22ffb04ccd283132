// Package ping diagnoses a client's connection from the result of a WispHub ping task.
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
	// Stable means that at least 80 % of the probes were answered.
	Stable Status = "STABLE"
	// Intermittent means that some probes were answered, but fewer than 80 %.
	Intermittent Status = "INTERMITTENT"
	// AntennaOnly means that no probe was answered by the client, but at least one by a hop before
	// it.
	AntennaOnly Status = "ANTENNA_ONLY"
	// NoInternet means that no probe was answered.
	NoInternet Status = "NO_INTERNET"
	// Failed means that the router sent no probe.
	Failed Status = "ERROR"
)

// stableShare is the minimum share of answered probes on a stable connection.
const stableShare = 0.8

// messages explain each status to the subscriber.
var messages = map[Status]string{
	Stable:       "La conexión es estable.",
	Intermittent: "La conexión es intermitente: algunas pruebas no tuvieron respuesta.",
	AntennaOnly:  "La antena responde, pero el equipo del cliente no.",
	NoInternet:   "No hay conexión con el equipo del cliente.",
	Failed:       "El router no pudo hacer la prueba de conexión.",
}

// Report is the diagnosis of a finished ping.
type Report struct {
	Connection Status
	// Message is one sentence for the subscriber, in Spanish.
	Message  string
	Sent     int
	Received int
	// LossPercent is rounded to two decimals, and 0 when no probe was sent.
	LossPercent float64
	// AverageMs is the average over the answers that have a time; nil when none has one.
	AverageMs *float64
	// Replies has one element a probe, by rising sequence number.
	Replies []*Reply
}

// Reply is the outcome of one probe.
type Reply struct {
	Sequence int
	Host     text.OrNull
	// Received reports whether the client answered.
	Received bool
	// Milliseconds is nil when the router gave no valid time.
	Milliseconds *float64
	// Error is "timeout", "host unreachable" or the router's error; "" for an answered probe.
	Error text.OrNull

	sent    bool // false for a router's error
	hopOnly bool // a hop before the client answered
}

const (
	hostUnreachable = "host unreachable"
	// maxRouterError limits, in characters, the router's error that callers see.
	maxRouterError = 200
)

// Diagnose reads the result of a task. It returns nil when the result is not that of a ping.
//
// A ping's result is a list of objects with one key each: ping-1 to ping-n and a summary,
// ping-exitoso. Diagnose ignores the summary, which counts "host unreachable" as a success
// (wisphub-net-api §5).
func Diagnose(result json.RawMessage) *Report {
	replies := parseReplies(result)
	if len(replies) == 0 {
		return nil
	}
	report := &Report{Replies: replies}
	hops, times, total := 0, 0, 0.0
	for _, reply := range replies {
		if reply.sent {
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
	report.Connection = statusOf(report.Sent, report.Received, hops)
	report.Message = messages[report.Connection]
	return report
}

// statusOf applies the rule of rest-v1.md.
func statusOf(sent, received, hops int) Status {
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

// parseReplies returns the probes by rising sequence number, from a list of objects or from one
// object. A bare router error in the list counts as the probe at its place.
func parseReplies(result json.RawMessage) []*Reply {
	var objects []map[string]json.RawMessage
	for _, element := range elements(result) {
		var object map[string]json.RawMessage
		if json.Unmarshal(element, &object) == nil && object != nil {
			objects = append(objects, object)
		} else if isPingError(element) {
			key := "ping-" + strconv.Itoa(len(objects)+1)
			objects = append(objects, map[string]json.RawMessage{key: element})
		}
	}
	var replies []*Reply
	for _, object := range objects {
		for key, value := range object {
			number, found := strings.CutPrefix(strings.ToLower(key), "ping-")
			sequence, err := strconv.Atoi(number)
			if found && err == nil && sequence > 0 && sequence <= math.MaxInt32 {
				replies = append(replies, newReply(sequence, value))
			}
		}
	}
	slices.SortStableFunc(replies, func(a, b *Reply) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return replies
}

// elements returns the elements of a list, or the value itself when it is no list.
func elements(result json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(result, &list) == nil {
		return list
	}
	return []json.RawMessage{result}
}

// isPingError reports whether a value is text that names a ping, which is a router's error in the
// place of an object.
func isPingError(value json.RawMessage) bool {
	var message string
	return json.Unmarshal(value, &message) == nil && strings.Contains(strings.ToLower(message), "ping")
}

// newReply reads one probe. WispHub sends all its fields as text. If the whole value is text, it
// is a router's error.
func newReply(sequence int, value json.RawMessage) *Reply {
	reply := &Reply{Sequence: sequence}
	var fields map[string]any
	if json.Unmarshal(value, &fields) != nil || fields == nil {
		var message string
		_ = json.Unmarshal(value, &message) // if it is no text either, the error has no message
		reply.Error = text.OrNull(routerErrorText(message))
		return reply
	}
	field := func(key string) string {
		if fields[key] == nil {
			return ""
		}
		return strings.TrimSpace(fmt.Sprint(fields[key]))
	}
	status := strings.ToLower(field("status"))
	received, _ := strconv.ParseFloat(field("received"), 64) // 0 if it is no number
	reply.sent = true
	reply.Host = text.OrNull(field("host"))
	reply.hopOnly = status == hostUnreachable
	reply.Received = received >= 1 && !reply.hopOnly
	reply.Milliseconds = parseMilliseconds(field("time"))
	if !reply.Received {
		reply.Error = text.OrNull(cmp.Or(status, "timeout"))
	}
	return reply
}

// routerErrorText shortens a router's error for callers. Of a Python tuple, such as
// ('Error "…" executing command /ping …', 'the message'), it keeps the last element.
func routerErrorText(message string) string {
	message = strings.TrimSpace(message)
	if strings.HasPrefix(message, "(") && strings.HasSuffix(message, ")") {
		if at := strings.LastIndex(message, ", "); at >= 0 {
			message = strings.Trim(message[at+2:len(message)-1], `'" `)
		}
	}
	if utf8.RuneCountInString(message) > maxRouterError {
		message = string([]rune(message)[:maxRouterError]) + "…"
	}
	return cmp.Or(message, "router error")
}

// parseMilliseconds reads a router's time, such as 1ms287us. It returns nil for any other text.
func parseMilliseconds(duration string) *float64 {
	parsed, err := time.ParseDuration(strings.ReplaceAll(duration, " ", ""))
	if err != nil || parsed < 0 {
		return nil
	}
	ms := float64(parsed) / float64(time.Millisecond)
	return &ms
}
