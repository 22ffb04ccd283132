package main

import (
	"fmt"
	"reflect"
	"strings"
)

// problem says what is wrong with a variable, never what its value is.
type problem struct {
	why  string // a short clause, such as "field required"
	kind string // a word for programs, such as value_error.missing
}

func (p problem) Error() string { return p.why + " (type=" + p.kind + ")" }

var errFieldRequired = problem{"field required", "value_error.missing"}

// settingsReport collects what is wrong and what is odd while settings are read. Its zero value is ready.
type settingsReport struct {
	problems map[string]problem // by variable
	warnings []string
}

// fail notes a problem. The first of a variable stays: a later one only follows from it.
func (r *settingsReport) fail(name string, wrong problem) {
	if r.problems == nil {
		r.problems = make(map[string]problem)
	}
	if _, known := r.problems[name]; !known {
		r.problems[name] = wrong
	}
}

// require notes a problem when ok is false.
func (r *settingsReport) require(name string, ok bool, otherwise problem) {
	if !ok {
		r.fail(name, otherwise)
	}
}

// warn notes something odd that does not stop the start.
func (r *settingsReport) warn(name, what string) {
	r.warnings = append(r.warnings, name+": "+what)
}

// err returns nil or a [*SettingsError] with the problems in the order of Settings.
func (r *settingsReport) err() error {
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
	return &SettingsError{lines: lines}
}

// SettingsError names every variable that is missing or wrong, without values; its text is for the operator's terminal.
type SettingsError struct {
	lines []string // one a variable, in the order of Settings
}

func (e *SettingsError) Error() string {
	noun := "errors"
	if len(e.lines) == 1 {
		noun = "error"
	}
	return fmt.Sprintf("Configuration error: %d validation %s for Settings\n%s", len(e.lines), noun, strings.Join(e.lines, "\n"))
}
