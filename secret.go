package main

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that must not be seen: whatever prints, logs or encodes it shows [redacted], and only [Secret.Reveal] tells.
// The zero value is the empty secret. Two Secrets are not compared with ==.
type Secret struct {
	// A pointer, because fmt prints unexported fields without asking their methods: of a Secret inside one it shows an address.
	text *string
}

func newSecret(text string) Secret { return Secret{text: &text} }

// Reveal returns the text itself.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// String returns [redacted], as all the methods below do in their own way.
func (s Secret) String() string { return redacted }

// GoString redacts %#v.
func (s Secret) GoString() string { return redacted }

// Format redacts every verb, %x and %q too.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue redacts slog attributes.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON redacts JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText redacts every other encoding, and the keys of maps.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText takes the text as it is, so that the settings can be filled. It never fails.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = newSecret(string(text))
	return nil
}
