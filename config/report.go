package config

import (
	"fmt"
	"reflect"
	"strings"
)

// problem describes what is wrong with a variable. It never contains the value.
type problem struct {
	reason string // a short clause, such as "field required"
	kind   string // machine-readable, such as value_error.missing
}

func (p problem) Error() string { return p.reason + " (type=" + p.kind + ")" }

var errFieldRequired = problem{"field required", "value_error.missing"}

// report collects errors and warnings while settings are read. Its zero value is ready to use.
type report struct {
	problems map[string]problem // by variable
	warnings []string
}

// fail records a problem. Only the first one of a variable counts, because later ones follow from
// it.
func (r *report) fail(name string, wrong problem) {
	if r.problems == nil {
		r.problems = make(map[string]problem)
	}
	if _, known := r.problems[name]; !known {
		r.problems[name] = wrong
	}
}

// require records a problem when ok is false.
func (r *report) require(name string, ok bool, otherwise problem) {
	if !ok {
		r.fail(name, otherwise)
	}
}

// warn records something that does not prevent the start.
func (r *report) warn(name, what string) {
	r.warnings = append(r.warnings, name+": "+what)
}

// err returns nil, or an [*Error] with the problems in the field order of Settings.
func (r *report) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	var lines []string
	for field := range reflect.TypeFor[Settings]().Fields() {
		name := field.Tag.Get("env")
		if wrong, ok := r.problems[name]; ok {
			lines = append(lines, name+"\n  "+wrong.Error())
		}
	}
	return &Error{lines: lines}
}

// Error lists every variable that is missing or invalid, without values. Its text is meant for the
// operator's terminal.
type Error struct {
	lines []string // one per variable, in the field order of Settings
}

// NewError returns an [*Error] about one variable, for a mistake that only its user can detect.
// The reason must not contain the variable's value. The kind is machine-readable, such as
// value_error.document.
func NewError(name, reason, kind string) error {
	return &Error{lines: []string{name + "\n  " + problem{reason, kind}.Error()}}
}

func (e *Error) Error() string {
	noun := "errors"
	if len(e.lines) == 1 {
		noun = "error"
	}
	return fmt.Sprintf("Configuration error: %d validation %s for Settings\n%s", len(e.lines), noun, strings.Join(e.lines, "\n"))
}
