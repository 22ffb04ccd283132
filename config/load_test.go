package config

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLoad_OneError(t *testing.T) {
	t.Parallel()
	want := "Configuration error: 1 validation error for Settings\n" +
		"WISPHUB_NET_KEY\n" +
		"  field required (type=value_error.missing)"
	for _, key := range []string{"", " \t\n"} {
		if _, _, err := Load(minimal("WISPHUB_NET_KEY", key)); err == nil || err.Error() != want {
			t.Errorf("Load(key %q) =\n%v\nwant\n%s", key, err, want)
		}
	}
}

func TestLoad_AllErrorsInOrder(t *testing.T) {
	t.Parallel()
	settings, _, err := Load(map[string]string{
		"LOG_LEVEL":               "loud",
		"UPSTREAM_TIMEOUT":        "soon",
		"TICKETS_TTL":             "0s",
		"JWT_SECRET_KEY_PREVIOUS": "short",
		"API_USERNAME":            "ana",
		"CACHE_URL":               "one",
		"CACHE_URL_FILE":          "two",
		"WISPHUB_NET_HOST":        "http://api.wisphub.net",
	})
	want := `Configuration error: 9 validation errors for Settings
WISPHUB_NET_KEY
  field required (type=value_error.missing)
WISPHUB_NET_HOST
  must be https; plain http only to loopback (type=value_error.url.scheme)
JWT_SECRET_KEY
  field required (type=value_error.missing)
JWT_SECRET_KEY_PREVIOUS
  must be at least 32 bytes; make a key with: openssl rand -base64 48 (type=value_error.length)
API_PASSWORD_HASH
  field required (type=value_error.missing)
TICKETS_TTL
  must be from 1s to 24h0m0s (type=value_error.range)
UPSTREAM_TIMEOUT
  must be a duration such as 5m (type=value_error.duration)
CACHE_URL
  CACHE_URL_FILE is set as well; keep one of them (type=value_error.conflict)
LOG_LEVEL
  must be one of debug, info, warn, error (type=value_error.choice)`
	if settings != nil || err == nil || err.Error() != want {
		t.Errorf("Load = %v,\n%v\nwant\n%s", settings, err, want)
	}
}

// TestLoad_NeverShowsAValue puts a canary into every variable, valid or not.
func TestLoad_NeverShowsAValue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		environ := make(map[string]string)
		for _, name := range settingNames() {
			around := rapid.SampledFrom([]string{"", " ", "\n", "1", "5m", "[", "(", "https://", "redis://", "$2b$12$", ":", "\x00", "é", "%"})
			value := around.Draw(t, "before") + canary + around.Draw(t, "after")
			environ[rapid.SampledFrom([]string{name, name + "_FILE"}).Draw(t, "variable")] = value
		}
		_, warnings, err := Load(environ)
		if err == nil {
			t.Fatal("Load(canaries) = nil, want an error")
		}
		if leaks(err.Error()) || leaks(strings.Join(warnings, "\n")) {
			t.Fatalf("Load shows a value: %v, %q", err, warnings)
		}
	})
}

func TestLoad_SecretFiles(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"WISPHUB_NET_KEY":         "another-key",
		"JWT_SECRET_KEY":          "  " + validSigningKey + "\n",
		"JWT_SECRET_KEY_PREVIOUS": validSigningKey,
		"API_PASSWORD_HASH":       validHash,
		"CACHE_URL":               "redis://cache:6379/1",
	} {
		for _, lineEnd := range []string{"\n", "\r\n"} {
			path := writeFile(t, value+lineEnd, 0o600)
			settings, warnings, err := Load(minimal(name, "", name+"_FILE", path))
			if err != nil || len(warnings) > 0 {
				t.Errorf("Load(%s_FILE) = %v, %q, want no error and no warning", name, err, warnings)
				continue
			}
			if got := settingOf(settings, name); got != value {
				t.Errorf("Load(%s_FILE): %s = %q, want %q", name, name, got, value)
			}
		}
	}
}

func TestLoad_SecretFileErrors(t *testing.T) {
	t.Parallel()
	const named = "the file that JWT_SECRET_KEY_FILE names"
	for want, path := range map[string]string{
		"cannot read " + named + ": no such file or directory": filepath.Join(t.TempDir(), canary),
		"cannot read " + named + ": not a regular file":        t.TempDir(),
		"cannot read " + named + ": larger than 64 kB":         writeFile(t, strings.Repeat("x", maxPrivateFileBytes+1), 0o600),
		named + " is empty": writeFile(t, "\n", 0o600),
	} {
		_, _, err := Load(minimal("JWT_SECRET_KEY", "", "JWT_SECRET_KEY_FILE", path))
		want = "Configuration error: 1 validation error for Settings\nJWT_SECRET_KEY\n  " + want + " (type=value_error.file)"
		if err == nil || err.Error() != want {
			t.Errorf("Load =\n%v\nwant\n%s", err, want)
		}
	}
}

func TestLoad_Warnings(t *testing.T) {
	t.Parallel()
	exposed := writeFile(t, validSigningKey, 0o644)
	_, warnings, err := Load(minimal(
		"WISPHUB_NET_KEY", " some-key\t", "JWT_SECRET_KEY", "", "JWT_SECRET_KEY_FILE", exposed, "API_USERS_FILE", exposed))
	want := []string{
		"JWT_SECRET_KEY_FILE: " + exposedAdvice,
		"WISPHUB_NET_KEY: surrounding whitespace was removed",
		"API_USERS_FILE: " + exposedAdvice,
	}
	if err != nil || !slices.Equal(warnings, want) {
		t.Errorf("Load = %q, %v, want %q", warnings, err, want)
	}
}

func TestLoad_UsersFileReplacesTheUser(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "", 0o600)
	if _, _, err := Load(minimal("API_USERNAME", "", "API_PASSWORD_HASH", "", "API_USERS_FILE", file)); err != nil {
		t.Errorf("Load(users file alone) = %v, want no error", err)
	}
	if _, _, err := Load(minimal("API_USERS_FILE", file)); err != nil {
		t.Errorf("Load(users file and a user) = %v, want no error", err)
	}
	for _, half := range []string{"API_USERNAME", "API_PASSWORD_HASH"} {
		_, _, err := Load(minimal(half, "", "API_USERS_FILE", file))
		want := "Configuration error: 1 validation error for Settings\n" + half + "\n  field required (type=value_error.missing)"
		if err == nil || err.Error() != want {
			t.Errorf("Load(users file and a user without %s) = %v, want %s", half, err, want)
		}
	}
}

func TestLoad_TrustedDocumentsNeedAFolder(t *testing.T) {
	t.Parallel()
	const want = "Configuration error: 1 validation error for Settings\nTRUSTED_DOCUMENTS_DIR\n  field required (type=value_error.missing)"
	for _, mode := range []string{"prefer", "ONLY"} {
		if _, _, err := Load(minimal("TRUSTED_DOCUMENTS", mode)); err == nil || err.Error() != want {
			t.Errorf("Load(TRUSTED_DOCUMENTS=%s) = %v, want\n%s", mode, err, want)
		}
	}
}

func TestNewError(t *testing.T) {
	t.Parallel()
	err := NewError("TRUSTED_DOCUMENTS_DIR", "line 1", "value_error.document")
	want := "Configuration error: 1 validation error for Settings\nTRUSTED_DOCUMENTS_DIR\n  line 1 (type=value_error.document)"
	if err.Error() != want {
		t.Errorf("NewError = %v, want %s", err, want)
	}
}

func TestParseUpstreamKey(t *testing.T) {
	t.Parallel()
	if key, err := ParseUpstreamKey(" " + canary + "\n"); err != nil || key.Reveal() != canary {
		t.Errorf("ParseUpstreamKey(key with whitespace) = %q, %v, want the key alone", key.Reveal(), err)
	}
	for _, text := range []string{"", " ", "Api-Key " + canary} {
		if _, err := ParseUpstreamKey(text); err == nil || leaks(err.Error()) {
			t.Errorf("ParseUpstreamKey(%q) = %v, want an error without the key", text, err)
		}
	}
}
