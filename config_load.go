package main

import (
	"errors"
	"reflect"
	"strings"

	"github.com/caarlos0/env/v11"
)

// loadSettings reads the settings from environ, a map of variables, and from the files that its NAME_FILE variables name.
// The warnings are sentences for the log and come with an error too. The error is a [*SettingsError] with every mistake.
// Neither holds a value. environ is not changed.
func loadSettings(environ map[string]string) (*Settings, []string, error) {
	var report settingsReport
	values := report.gather(environ)
	settings := new(Settings)
	report.parse(settings, values)
	report.check(settings)
	settings.WispHubNetKeyFile = environ["WISPHUB_NET_KEY_FILE"]
	if err := report.err(); err != nil {
		return nil, report.warnings, err
	}
	return settings, report.warnings, nil
}

// gather picks the variables that belong to a setting, the content of secret files included.
func (r *settingsReport) gather(environ map[string]string) map[string]string {
	values := make(map[string]string)
	for field := range reflect.TypeFor[Settings]().Fields() {
		name := field.Tag.Get("env")
		if name == "" {
			continue
		}
		values[name] = environ[name]
		if field.Type == reflect.TypeFor[Secret]() {
			values[name] = r.secret(name, environ)
		}
	}
	// A bare number is a count of days here and ambiguous in every other duration.
	if horizon := values["TICKETS_HORIZON"]; isDigits(horizon) {
		values["TICKETS_HORIZON"] = horizon + "d"
	}
	return values
}

// secret returns the value of NAME or the content of the file that NAME_FILE names, without its last newline.
func (r *settingsReport) secret(name string, environ map[string]string) string {
	fileVariable := name + "_FILE"
	path := environ[fileVariable]
	if path == "" {
		return environ[name]
	}
	if environ[name] != "" {
		r.fail(name, problem{fileVariable + " is set as well; keep one of them", "value_error.conflict"})
		return ""
	}
	content, exposed, err := readPrivateFile(path)
	if err != nil {
		r.fail(name, problem{"cannot read the file that " + fileVariable + " names: " + err.Error(), "value_error.file"})
		return ""
	}
	if exposed {
		r.warn(fileVariable, exposedAdvice)
	}
	value := trimLineEnd(string(content))
	r.require(name, value != "", problem{"the file that " + fileVariable + " names is empty", "value_error.file"})
	return value
}

// parse fills settings with defaults and values. The library's own messages quote the value, so only ours are taken from it.
func (r *settingsReport) parse(settings *Settings, values map[string]string) {
	err := env.ParseWithOptions(settings, env.Options{Environment: values, FuncMap: settingParsers})
	failures, _ := errors.AsType[env.AggregateError](err)
	for _, failure := range failures.Errors {
		mistake, _ := failure.(env.ParseError)
		wrong, ok := errors.AsType[problem](mistake.Err)
		if !ok {
			panic("config: a field of Settings has a type or tag that nothing here parses")
		}
		field, _ := reflect.TypeFor[Settings]().FieldByName(mistake.Name)
		r.fail(field.Tag.Get("env"), wrong)
	}
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
