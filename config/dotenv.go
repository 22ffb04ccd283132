package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"strings"
)

var (
	errDotenvNUL    = errors.New("contains a NUL byte; save the file as UTF-8")
	errDotenvEquals = errors.New("is neither NAME=value nor a comment")
	errDotenvName   = errors.New("has a name that is not made of letters, digits and _")
	errDotenvQuote  = errors.New("has a quote that does not end on its line")
	errDotenvEscape = errors.New(`has an unknown escape; double quotes allow \n, \" and \\ (single quotes allow none)`)
	errDotenvRest   = errors.New("has text after the closing quote")
)

// LoadDotenv returns environ with the variables of the .env file at path added. Variables of
// environ take precedence, even when they are empty. A missing file adds nothing. LoadDotenv does
// not change environ.
//
// The warnings are sentences for the log. The error lists every invalid line by its number.
// Neither contains a value.
func LoadDotenv(path string, environ map[string]string) (merged map[string]string, warnings []string, err error) {
	content, exposed, err := ReadPrivateFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return environ, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	merged, repeated, err := parseDotenv(string(content))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	if exposed {
		warnings = append(warnings, path+": "+exposedAdvice)
	}
	for _, name := range repeated {
		warnings = append(warnings, path+": "+name+" is set more than once; the last one counts")
	}
	for _, name := range unknownNames(merged) {
		warnings = append(warnings, path+": "+name+" is not a setting; the nearest name is "+nearestName(name))
	}
	maps.Copy(merged, environ)
	return merged, warnings, nil
}

// parseDotenv returns the variables of a .env file and the names that are set more than once. The
// last value counts.
//
// Nothing is expanded, so that a bcrypt hash keeps its $ signs with or without quotes. Single
// quotes take their content unchanged, and double quotes allow the escapes \n, \" and \\. A #
// starts a comment only at the start of a line or after whitespace. No library behaves this way:
// godotenv and compose expand $, and hashicorp/go-envparse cuts an unquoted value at any # and
// quotes the text in its errors.
func parseDotenv(text string) (variables map[string]string, repeated []string, err error) {
	variables = make(map[string]string)
	var invalid []error
	number := 0
	for line := range strings.SplitSeq(strings.TrimPrefix(text, "\ufeff"), "\n") {
		number++
		line = strings.Trim(strings.TrimSuffix(line, "\r"), " \t")
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, err := parseDotenvLine(line)
		if err != nil {
			invalid = append(invalid, fmt.Errorf("line %d %w", number, err))
			continue
		}
		if _, known := variables[name]; known {
			repeated = append(repeated, name)
		}
		variables[name] = value
	}
	return variables, repeated, errors.Join(invalid...)
}

var (
	dotenvExport  = regexp.MustCompile(`^export[ \t]+`)
	dotenvName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	dotenvComment = regexp.MustCompile(`[ \t]#.*`)
)

func parseDotenvLine(line string) (name, value string, err error) {
	if strings.Contains(line, "\x00") {
		return "", "", errDotenvNUL
	}
	name, value, found := strings.Cut(dotenvExport.ReplaceAllString(line, ""), "=")
	if !found {
		return "", "", errDotenvEquals
	}
	name = strings.TrimRight(name, " \t")
	if !dotenvName.MatchString(name) {
		return "", "", errDotenvName
	}
	value, err = parseDotenvValue(value)
	return name, value, err
}

func parseDotenvValue(text string) (string, error) {
	trimmed := strings.TrimLeft(text, " \t")
	if trimmed == "" || !strings.ContainsRune(`'"`, rune(trimmed[0])) {
		return strings.Trim(dotenvComment.ReplaceAllString(text, ""), " \t"), nil
	}
	value, rest, err := unquoteDotenv(trimmed)
	if err != nil {
		return "", err
	}
	if strings.Trim(dotenvComment.ReplaceAllString(rest, ""), " \t") != "" {
		return "", errDotenvRest
	}
	return value, nil
}

var dotenvEscapes = map[byte]byte{'n': '\n', '"': '"', '\\': '\\'}

// unquoteDotenv returns the text between the quotes at the start of text, and the rest after the
// closing quote.
func unquoteDotenv(text string) (value, rest string, err error) {
	quote := text[0]
	var unquoted strings.Builder
	for i := 1; i < len(text); i++ {
		c := text[i]
		if c == quote {
			return unquoted.String(), text[i+1:], nil
		}
		if c == '\\' && quote == '"' && i+1 < len(text) {
			i++
			if c = dotenvEscapes[text[i]]; c == 0 {
				return "", "", errDotenvEscape
			}
		}
		unquoted.WriteByte(c)
	}
	return "", "", errDotenvQuote
}
