package config

import (
	"errors"
	"reflect"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Load reads the settings from environ, a map of variables, and from the files that its NAME_FILE
// variables name.
//
// The error is an [*Error] that lists every mistake. The warnings are sentences for the log, and
// are also returned beside an error. Neither contains a value. Load does not change environ.
func Load(environ map[string]string) (settings *Settings, warnings []string, err error) {
	var r report
	values := r.gather(environ)
	settings = new(Settings)
	r.parse(settings, values)
	r.check(settings)
	settings.WispHubNetKeyFile = environ["WISPHUB_NET_KEY_FILE"]
	if err := r.err(); err != nil {
		return nil, r.warnings, err
	}
	return settings, r.warnings, nil
}

// gather returns the variables that belong to a setting, with secret files replaced by their
// content.
func (r *report) gather(environ map[string]string) map[string]string {
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
	// A bare number of days is accepted here only: in any other duration its unit would be
	// ambiguous.
	if horizon := values["TICKETS_HORIZON"]; isDigits(horizon) {
		values["TICKETS_HORIZON"] = horizon + "d"
	}
	return values
}

// secret returns the value of NAME, or the content of the file that NAME_FILE names without its
// last line end.
func (r *report) secret(name string, environ map[string]string) string {
	fileVariable := name + fileSuffix
	path := environ[fileVariable]
	if path == "" {
		return environ[name]
	}
	if environ[name] != "" {
		r.fail(name, problem{fileVariable + " is set as well; keep one of them", "value_error.conflict"})
		return ""
	}
	content, exposed, err := ReadPrivateFile(path)
	if err != nil {
		r.fail(name, problem{"cannot read the file that " + fileVariable + " names: " + err.Error(), "value_error.file"})
		return ""
	}
	if exposed {
		r.warn(fileVariable, exposedAdvice)
	}
	value := TrimLineEnd(string(content))
	r.require(name, value != "", problem{"the file that " + fileVariable + " names is empty", "value_error.file"})
	return value
}

// parse fills settings with defaults and values. The errors of the env library quote the value, so
// that only the [problem] inside them is reported.
func (r *report) parse(settings *Settings, values map[string]string) {
	err := env.ParseWithOptions(settings, env.Options{Environment: values, FuncMap: parsers})
	failures, _ := errors.AsType[env.AggregateError](err)
	for _, failure := range failures.Errors {
		parseError, _ := failure.(env.ParseError)
		wrong, ok := errors.AsType[problem](parseError.Err)
		if !ok {
			panic("config: a field of Settings has a type or tag without a parser")
		}
		field, _ := reflect.TypeFor[Settings]().FieldByName(parseError.Name)
		r.fail(field.Tag.Get("env"), wrong)
	}
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
