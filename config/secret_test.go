package config

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const canary = "canary-7f3a-do-not-show"

func TestSecret_Print(t *testing.T) {
	t.Parallel()
	secret := NewSecret(canary)
	type holder struct{ Secret Secret }
	type closedHolder struct{ secret Secret }
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, value := range []any{secret, &secret, holder{secret}, closedHolder{secret}, []Secret{secret}, map[string]Secret{"": secret}} {
			if text := fmt.Sprintf(verb, value); leaks(text) {
				t.Errorf("Sprintf(%q, %T) = %q, want it redacted", verb, value, text)
			}
		}
	}
}

// leaks reports whether text contains the canary, as it is or in hexadecimal.
func leaks(text string) bool {
	return strings.Contains(text, canary) || strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", canary))
}

func TestSecret_Encode(t *testing.T) {
	t.Parallel()
	type holder struct{ Key Secret }
	secret := NewSecret(canary)
	encoders := map[string]func(any) ([]byte, error){"json": json.Marshal, "xml": xml.Marshal}
	for name, encode := range encoders {
		got, err := encode(holder{secret})
		if err != nil || leaks(string(got)) || !strings.Contains(string(got), redacted) {
			t.Errorf("%s = %q, %v, want it redacted", name, got, err)
		}
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("started", "key", secret, "settings", Settings{JWTSecretKey: secret})
	slog.New(slog.NewJSONHandler(&log, nil)).Info("started", "key", secret, "settings", Settings{JWTSecretKey: secret})
	if leaks(log.String()) || strings.Count(log.String(), redacted) < 4 {
		t.Errorf("slog wrote %q, want it redacted", log.String())
	}
}

func TestSecret_Reveal(t *testing.T) {
	t.Parallel()
	if got := NewSecret(canary).Reveal(); got != canary {
		t.Errorf("Reveal() = %q, want %q", got, canary)
	}
	var zero Secret
	if got := zero.Reveal(); got != "" || !zero.IsZero() {
		t.Errorf("zero Secret: Reveal() = %q, IsZero() = %t, want an empty secret", got, zero.IsZero())
	}
}
