package config

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// parsers parse the field types of [Settings]. Each returns a [problem] as its error, because the
// errors of strconv, time and netip quote the value.
var parsers = map[reflect.Type]env.ParserFunc{
	reflect.TypeFor[int]():            parseNumber,
	reflect.TypeFor[bool]():           parseSwitch,
	reflect.TypeFor[time.Duration]():  parseDuration,
	reflect.TypeFor[time.Location]():  parseTimezone,
	reflect.TypeFor[[]int]():          parseStates,
	reflect.TypeFor[[]time.Time]():    parseDays,
	reflect.TypeFor[[]string]():       parseTexts,
	reflect.TypeFor[[]netip.Prefix](): parseNetworks,
}

var (
	errNumber   = problem{"must be a whole number", "value_error.number"}
	errSwitch   = problem{"must be on or off", "value_error.switch"}
	errDuration = problem{"must be a duration such as 5m", "value_error.duration"}
	errTimezone = problem{"must be the IANA name of a time zone, such as America/Bogota", "value_error.timezone"}
	errStates   = problem{"must be ticket states from 1 to 5, such as 1,2", "value_error.list"}
	errDays     = problem{"must be days such as 2026-12-24, as a comma list or JSON array", "value_error.date"}
	errTexts    = problem{"must be a comma list or a JSON array of texts", "value_error.list"}
	errNetworks = problem{"must be networks such as 10.0.0.0/8 or single addresses", "value_error.network"}
)

func parseNumber(text string) (any, error) {
	number, err := strconv.Atoi(text)
	if err != nil {
		return nil, errNumber
	}
	return number, nil
}

func parseSwitch(text string) (any, error) {
	switch strings.ToLower(text) {
	case "on", "true", "1", "yes":
		return true, nil
	case "off", "false", "0", "no":
		return false, nil
	}
	return nil, errSwitch
}

// parseDuration parses Go durations and whole days such as 183d.
func parseDuration(text string) (any, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		count, err := strconv.ParseUint(days, 10, 16) // 16 bits of days fit into a Duration
		if err != nil {
			return nil, errDuration
		}
		return time.Duration(count) * 24 * time.Hour, nil
	}
	duration, err := time.ParseDuration(text)
	if err != nil {
		return nil, errDuration
	}
	return duration, nil
}

// parseTimezone refuses Local, because the machine's zone may differ from the provider's.
func parseTimezone(text string) (any, error) {
	location, err := time.LoadLocation(text)
	if err != nil || text == "Local" {
		return nil, errTimezone
	}
	return *location, nil
}

// parseStates parses 1,2 and the notations of other languages: (1,2), Python's (1,) and [1,2].
func parseStates(text string) (any, error) {
	for _, pair := range []string{"()", "[]"} {
		if inner, ok := strings.CutPrefix(text, pair[:1]); ok {
			if text, ok = strings.CutSuffix(inner, pair[1:]); !ok {
				return nil, errStates
			}
			break
		}
	}
	text = strings.TrimSuffix(strings.TrimSpace(text), ",")
	var states []int
	for part := range strings.SplitSeq(text, ",") {
		state, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || !isTicketState(state) {
			return nil, errStates
		}
		states = append(states, state)
	}
	slices.Sort(states)
	return slices.Compact(states), nil
}

// isTicketState reports whether WispHub has the state. Its states are Nuevo, En Progreso,
// Resuelto, Cerrado and Reagendado.
func isTicketState(state int) bool { return 1 <= state && state <= 5 }

func parseDays(text string) (any, error) {
	return parseList(text, errDays, func(part string) (time.Time, error) { return time.Parse(time.DateOnly, part) })
}

func parseTexts(text string) (any, error) {
	return parseList(text, errTexts, func(part string) (string, error) { return part, nil })
}

func parseNetworks(text string) (any, error) {
	return parseList(text, errNetworks, parseNetwork)
}

// parseNetwork parses a CIDR, dropping its host bits, or a single address. An IPv4-mapped IPv6
// network becomes IPv4: callers' addresses are converted the same way, and would otherwise never
// match.
func parseNetwork(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		network, err := netip.ParsePrefix(text)
		if mapped := network.Bits() - 96; network.Addr().Is4In6() && mapped >= 0 {
			network = netip.PrefixFrom(network.Addr().Unmap(), mapped)
		}
		return network.Masked(), err
	}
	address, err := netip.ParseAddr(text)
	address = address.Unmap()
	return netip.PrefixFrom(address, address.BitLen()), err
}

// parseList splits a comma-separated list or a JSON array of texts and parses each element. Any
// failure is returned as otherwise.
func parseList[T any](text string, otherwise problem, parse func(string) (T, error)) ([]T, error) {
	parts := strings.Split(text, ",")
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		if err := json.Unmarshal([]byte(text), &parts); err != nil {
			return nil, otherwise
		}
	}
	values := make([]T, 0, len(parts))
	for _, part := range parts {
		value, err := parse(strings.TrimSpace(part))
		if err != nil {
			return nil, otherwise
		}
		values = append(values, value)
	}
	return values, nil
}
