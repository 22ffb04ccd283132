package cache

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

func TestUnseal_ReturnsSealedPayload(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kind, payload := rapid.String().Draw(t, "kind"), rapid.SliceOf(rapid.Byte()).Draw(t, "payload")
		got, err := unseal(kind, seal(kind, payload))
		if err != nil || !bytes.Equal(got, payload) {
			t.Errorf("unseal(seal(%q)) = %q, %v, want the payload", payload, got, err)
		}
	})
}

// The operator must learn whether a disk, an update or a second provider is the
// cause.
func TestUnseal_Errors(t *testing.T) {
	t.Parallel()
	payload := []byte(strings.Repeat("Zona Norte ", 100))
	sealed := seal("zones", payload)
	changed := func(at int) []byte {
		other := bytes.Clone(sealed)
		other[at]++
		return other
	}
	tests := []struct {
		name   string
		kind   string
		sealed []byte
		want   error
	}{
		{"nothing", "zones", nil, errForeign},
		{"text", "zones", []byte("<html>"), errForeign},
		{"half a magic", "zones", sealed[:3], errForeign},
		{"no version", "zones", sealed[:4], errBroken},
		{"another version", "zones", changed(4), errVersion},
		{"another version, cut off", "zones", changed(4)[:5], errVersion},
		{"cut off in the head", "zones", sealed[:40], errBroken},
		{"another kind", "plans", sealed, errKind},
		{"no kind", "", sealed, errKind},
		{"another sum", "zones", changed(sumAt), errBroken},
		{"no body", "zones", sealed[:bodyAt], errBroken},
		{"cut off", "zones", sealed[:len(sealed)-1], errBroken},
		{"trailing data", "zones", append(bytes.Clone(sealed), 'x'), errBroken},
		{"trailing payload", "zones", append(bytes.Clone(sealed), sealed[bodyAt:]...), errBroken},
	}
	for _, test := range tests {
		if got, err := unseal(test.kind, test.sealed); !errors.Is(err, test.want) || got != nil {
			t.Errorf("%s: unseal() = %q, %v, want error %v", test.name, got, err, test.want)
		}
	}
}

// Each changed byte must be detected, and no byte read beyond the end.
func TestUnseal_DetectsEachByte(t *testing.T) {
	t.Parallel()
	payload := []byte(strings.Repeat("Plan 50 Megas, Zona Norte. ", 20) + "Ana Ñáñez")
	sealed := seal("clients", payload)
	for at := range sealed {
		for _, flip := range []byte{1, 0x80, 0xff} {
			sealed[at] ^= flip
			if got, err := unseal("clients", sealed); err == nil && !bytes.Equal(got, payload) {
				t.Errorf("byte %d flipped by %#x: unseal() = %q, want an error or the payload", at, flip, got)
			}
			sealed[at] ^= flip
		}
		if _, err := unseal("clients", sealed[:at]); err == nil {
			t.Errorf("unseal() of the first %d of %d bytes = nil, want an error", at, len(sealed))
		}
	}
}

// 40 KB of zstd can hold a gigabyte of zeros.
func TestUnseal_LimitsSize(t *testing.T) {
	t.Parallel()
	for name, body := range map[string][]byte{"streamed": bomb(t, sealMax+1), "of a claimed size": claimedBomb()} {
		sealed := append(seal("x", nil)[:bodyAt:bodyAt], body...)
		if _, err := unseal("x", sealed); !errors.Is(err, errBroken) || !errors.Is(err, zstd.ErrDecoderSizeExceeded) {
			t.Errorf("%s: unseal() of %d bytes = %v, want a size error", name, len(sealed), err)
		}
	}
}

// bomb returns a frame of that many zeros which does not state its size.
func bomb(t *testing.T, size int) []byte {
	t.Helper()
	var body bytes.Buffer
	encoder, err := zstd.NewWriter(&body, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for ; size > 0; size -= len(zeros) {
		if _, err := encoder.Write(zeros[:min(size, len(zeros))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := encoder.Close(); err != nil {
		t.Fatal(err)
	}
	return body.Bytes()
}

// claimedBomb returns a frame that claims 2^62 bytes, with one block of one byte.
func claimedBomb() []byte {
	return []byte{0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x40, 9, 0, 0, 'x'}
}

func FuzzUnseal(f *testing.F) {
	sealed := seal("clients", []byte("Ana Ñáñez, Zona Norte"))
	f.Add([]byte(nil))
	f.Add(sealed)
	f.Add(sealed[:bodyAt])
	f.Add(append(bytes.Clone(sealed), sealed...))
	f.Add(append(sealed[:bodyAt:bodyAt], claimedBomb()...))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		payload, err := unseal("clients", sealed)
		if err != nil {
			if payload != nil {
				t.Errorf("unseal(%q) = %q, %v, want no payload with an error", sealed, payload, err)
			}
			return
		}
		again, err := unseal("clients", seal("clients", payload))
		if err != nil || !bytes.Equal(again, payload) {
			t.Errorf("unseal(%q) = %q, sealed and unsealed again %q, %v", sealed, payload, again, err)
		}
	})
}
