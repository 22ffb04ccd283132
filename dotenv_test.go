package main

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A made-up text of the right shape; it is nobody's hash.
var someHash = "$2b$12$" + strings.Repeat("abcdefgh./", 5) + "xyz"

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
		{"hash of bcrypt", "A=" + someHash, someHash},
		{"hash in double quotes", `A="` + someHash + `"`, someHash},
		{"hash in single quotes", `A='` + someHash + `'`, someHash},
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

func TestParseDotenvMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		canary:                          errDotenvEquals,
		"export A":                      errDotenvEquals,
		"=" + canary:                    errDotenvName,
		"export =" + canary:             errDotenvName,
		"9A=" + canary:                  errDotenvName,
		canary + "=" + canary:           errDotenvName, // it holds hyphens
		`A="` + canary:                  errDotenvQuote,
		`A='` + canary:                  errDotenvQuote,
		`A="` + canary + `\"`:           errDotenvQuote,
		`A="` + canary + `\`:            errDotenvQuote,
		`A="\$` + canary + `"`:          errDotenvEscape,
		`A="` + canary + `" ` + canary:  errDotenvRest,
		`A="` + canary + `"#` + canary:  errDotenvRest,
		"A=\x00" + canary:               errDotenvNUL,
		"\xff\xfeA\x00=\x00" + canary:   errDotenvNUL, // UTF-16, as PowerShell's > writes it
		"B=1\n# two\n\nA='" + canary:    errDotenvQuote,
		"B=1\n" + canary + "\nA=1\nB=2": errDotenvEquals,
	} {
		_, _, err := parseDotenv(text)
		if !errors.Is(err, want) || leaks(err.Error()) {
			t.Errorf("parseDotenv(%q) = %v, want %v without the text", text, err, want)
		}
	}
}

func TestParseDotenvNamesEveryBadLine(t *testing.T) {
	t.Parallel()
	_, _, err := parseDotenv("one\nA=1\n\nB='")
	want := "line 1 is neither NAME=value nor a comment\nline 4 has a quote that does not end on its line"
	if err == nil || err.Error() != want {
		t.Errorf("parseDotenv = %v, want %s", err, want)
	}
}

func TestLoadDotenv(t *testing.T) {
	t.Parallel()
	environ := map[string]string{"SHELL_ONLY": "1", "BOTH": "shell", "BLANK": ""}
	before := maps.Clone(environ)
	got, warnings, err := loadDotenv(writeFile(t, "FILE_ONLY=2\nBOTH=file\nBLANK=file\n", 0o600), environ)
	if err != nil || len(warnings) != 0 {
		t.Fatalf("loadDotenv = %q, %v, want no warning and no error", warnings, err)
	}
	want := map[string]string{"SHELL_ONLY": "1", "BOTH": "shell", "BLANK": "", "FILE_ONLY": "2"}
	if !maps.Equal(got, want) {
		t.Errorf("loadDotenv = %v, want %v", got, want)
	}
	if !maps.Equal(environ, before) {
		t.Errorf("loadDotenv changed its argument to %v", environ)
	}
}

func TestLoadDotenvWarns(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "A="+canary+"\nA=2\n", 0o644)
	_, warnings, err := loadDotenv(path, nil)
	want := []string{path + ": " + exposedAdvice, path + ": A is set more than once; the last one counts"}
	if err != nil || !slices.Equal(warnings, want) {
		t.Errorf("loadDotenv = %q, %v, want %q", warnings, err, want)
	}
}

func TestLoadDotenvFailures(t *testing.T) {
	t.Parallel()
	environ := map[string]string{"A": "1"}
	folder := t.TempDir()
	if got, _, err := loadDotenv(filepath.Join(folder, ".env"), environ); err != nil || !maps.Equal(got, environ) {
		t.Errorf("loadDotenv(missing) = %v, %v, want the environment alone", got, err)
	}
	if _, _, err := loadDotenv(folder, environ); !errors.Is(err, errNotRegularFile) {
		t.Errorf("loadDotenv(folder) = %v, want %v", err, errNotRegularFile)
	}
	if _, _, err := loadDotenv(writeFile(t, canary, 0o600), environ); !errors.Is(err, errDotenvEquals) || leaks(err.Error()) {
		t.Errorf("loadDotenv(bad line) = %v, want %v without the line", err, errDotenvEquals)
	}
}

func FuzzParseDotenv(f *testing.F) {
	for _, seed := range []string{"A=1", "export A='x' # y", `A="a\n\"\\"`, "\ufeffA=" + someHash + "\r\n", "A", `A="\`, "A=#"} {
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
				t.Errorf("parseDotenv(%q quoted) = %q, %v, want it back", value, again[name], err)
			}
		}
	})
}

// dotenvQuote writes value in double quotes, the only ones that can hold everything.
func dotenvQuote(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"`
}
