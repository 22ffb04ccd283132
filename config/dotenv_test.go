package config

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// validHash has the form of a bcrypt hash. No password belongs to it.
var validHash = "$2b$12$" + strings.Repeat("abcdefgh./", 5) + "xyz"

func TestParseDotenv(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"plain", "A=value", "value"},
		{"empty", "A=", ""},
		{"spaces around", " A = value \t", "value"},
		{"space inside", "A=two words", "two words"},
		{"export", "export A=value", "value"},
		{"export and tab", "export\tA=value", "value"},
		{"carriage returns", "A=value\r\n", "value"},
		{"byte order mark", "\ufeffA=value", "value"},
		{"hash of bcrypt", "A=" + validHash, validHash},
		{"hash in double quotes", `A="` + validHash + `"`, validHash},
		{"hash in single quotes", `A='` + validHash + `'`, validHash},
		{"no expansion", "B=b\nA=$B${B}$(B)`B`", "$B${B}$(B)`B`"},
		{"equals sign in value", "A=YWJj==", "YWJj=="},
		{"comment", "A=value # why", "value"},
		{"comment after tab", "A=value\t#why", "value"},
		{"comment instead of value", "A= # why", ""},
		{"number sign in value", "A=val#ue", "val#ue"},
		{"number sign first", "A=#value", "#value"},
		{"number sign in quotes", `A="val #ue" # why`, "val #ue"},
		{"single quotes are literal", `A='a\n"$B'`, `a\n"$B`},
		{"escapes in double quotes", `A="a\n\"\\b'"`, "a\n\"\\b'"},
		{"quotes keep spaces", `A=" value "`, " value "},
		{"empty quotes", `A=""`, ""},
		{"quote inside", `A=it's`, "it's"},
		{"last wins", "A=first\nA=last", "last"},
		{"among others", "# comment\n\n  # indented\nB=b\nA=value\nC=c", "value"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, _, err := parseDotenv(test.text)
			value, found := got["A"]
			if err != nil || !found || value != test.want {
				t.Errorf("parseDotenv(%q): A = %q, %t, %v, want %q", test.text, value, found, err, test.want)
			}
		})
	}
}

func TestParseDotenv_InvalidLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		canary:                          errDotenvEquals,
		"export A":                      errDotenvEquals,
		"=" + canary:                    errDotenvName,
		"export =" + canary:             errDotenvName,
		"9A=" + canary:                  errDotenvName,
		canary + "=" + canary:           errDotenvName, // hyphens are not allowed in names
		`A="` + canary:                  errDotenvQuote,
		`A='` + canary:                  errDotenvQuote,
		`A="` + canary + `\"`:           errDotenvQuote,
		`A="` + canary + `\`:            errDotenvQuote,
		`A="\$` + canary + `"`:          errDotenvEscape,
		`A="` + canary + `" ` + canary:  errDotenvRest,
		`A="` + canary + `"#` + canary:  errDotenvRest,
		"A=\x00" + canary:               errDotenvNUL,
		"\xff\xfeA\x00=\x00" + canary:   errDotenvNUL, // UTF-16, which > of PowerShell writes
		"B=1\n# two\n\nA='" + canary:    errDotenvQuote,
		"B=1\n" + canary + "\nA=1\nB=2": errDotenvEquals,
	} {
		_, _, err := parseDotenv(text)
		if !errors.Is(err, want) || leaks(err.Error()) {
			t.Errorf("parseDotenv(%q) = %v, want %v without the text", text, err, want)
		}
	}
}

func TestParseDotenv_ReportsEveryInvalidLine(t *testing.T) {
	t.Parallel()
	_, _, err := parseDotenv("one\nA=1\n\nB='")
	want := "line 1 is neither NAME=value nor a comment\nline 4 has a quote that does not end on its line"
	if err == nil || err.Error() != want {
		t.Errorf("parseDotenv = %v, want %s", err, want)
	}
}

func TestLoadDotenv(t *testing.T) {
	t.Parallel()
	environ := map[string]string{"SHELL_ONLY": "1", "LOG_LEVEL": "shell", "LOG_FORMAT": ""}
	before := maps.Clone(environ)
	got, warnings, err := LoadDotenv(writeFile(t, "TIMEZONE=2\nLOG_LEVEL=file\nLOG_FORMAT=file\n", 0o600), environ)
	if err != nil || len(warnings) != 0 {
		t.Fatalf("LoadDotenv = %q, %v, want no warning and no error", warnings, err)
	}
	want := map[string]string{"SHELL_ONLY": "1", "LOG_LEVEL": "shell", "LOG_FORMAT": "", "TIMEZONE": "2"}
	if !maps.Equal(got, want) {
		t.Errorf("LoadDotenv = %v, want %v", got, want)
	}
	if !maps.Equal(environ, before) {
		t.Errorf("LoadDotenv changed environ to %v", environ)
	}
}

func TestLoadDotenv_Warnings(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "API_USERNAME="+canary+"\nAPI_USERNAME=2\n", 0o644)
	_, warnings, err := LoadDotenv(path, nil)
	want := []string{path + ": " + exposedAdvice, path + ": API_USERNAME is set more than once; the last one counts"}
	if err != nil || !slices.Equal(warnings, want) {
		t.Errorf("LoadDotenv = %q, %v, want %q", warnings, err, want)
	}
}

// TestLoadDotenv_UnknownNames expects a warning with the nearest setting, and never the value.
func TestLoadDotenv_UnknownNames(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "MAX_QUERY_ALIASES="+canary+"\nlisten_addr=:1\nWISPHUB_KEY=x\nCACHE_URL_FILES=x\n"+
		"WISPHUB_NET_KEY_FILE=x\nCACHE_DIR=x\nLISTEN_ADDR_FILE=x\n", 0o600)
	merged, warnings, err := LoadDotenv(path, map[string]string{"NO_SETTING": "1"})
	want := []string{
		path + ": CACHE_URL_FILES is not a setting; the nearest name is CACHE_URL_FILE",
		path + ": LISTEN_ADDR_FILE is not a setting; the nearest name is LISTEN_ADDR",
		path + ": MAX_QUERY_ALIASES is not a setting; the nearest name is MAX_QUERY_FIELDS",
		path + ": WISPHUB_KEY is not a setting; the nearest name is WISPHUB_NET_KEY",
		path + ": listen_addr is not a setting; the nearest name is LISTEN_ADDR",
	}
	if err != nil || !slices.Equal(warnings, want) {
		t.Errorf("LoadDotenv = %q, %v, want %q", warnings, err, want)
	}
	if merged["MAX_QUERY_ALIASES"] != canary || merged["NO_SETTING"] != "1" {
		t.Errorf("LoadDotenv = %v, want unknown names kept", merged)
	}
}

func TestLoadDotenv_Errors(t *testing.T) {
	t.Parallel()
	environ := map[string]string{"A": "1"}
	folder := t.TempDir()
	if got, _, err := LoadDotenv(filepath.Join(folder, ".env"), environ); err != nil || !maps.Equal(got, environ) {
		t.Errorf("LoadDotenv(missing) = %v, %v, want the environment alone", got, err)
	}
	if _, _, err := LoadDotenv(folder, environ); !errors.Is(err, errNotRegularFile) {
		t.Errorf("LoadDotenv(folder) = %v, want %v", err, errNotRegularFile)
	}
	if _, _, err := LoadDotenv(writeFile(t, canary, 0o600), environ); !errors.Is(err, errDotenvEquals) || leaks(err.Error()) {
		t.Errorf("LoadDotenv(bad line) = %v, want %v without the line", err, errDotenvEquals)
	}
}

func FuzzParseDotenv(f *testing.F) {
	for _, seed := range []string{"A=1", "export A='x' # y", `A="a\n\"\\"`, "\ufeffA=" + validHash + "\r\n", "A", `A="\`, "A=#"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		variables, _, err := parseDotenv(text)
		if err != nil {
			return
		}
		for name, value := range variables {
			again, _, err := parseDotenv(name + "=" + dotenvQuote(value))
			if err != nil || again[name] != value {
				t.Errorf("parseDotenv(%q quoted) = %q, %v, want the value unchanged", value, again[name], err)
			}
		}
	})
}

// dotenvQuote returns value in double quotes, which can contain every character.
func dotenvQuote(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"`
}
