package cache

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// Sealed data is the magic, the version of this format, the SHA-256 of its kind,
// the SHA-256 of the payload, and the compressed payload. The kind is hashed
// because it may name a provider, and so that it has a fixed length.
const (
	sealMagic   = "kept"
	sealVersion = 1

	kindAt  = len(sealMagic) + 1
	sumAt   = kindAt + sha256.Size
	bodyAt  = sumAt + sha256.Size
	sealMax = 256 << 20 // bytes, sealed or not
)

// The reasons why unseal refuses data.
var (
	errForeign = errors.New("was not written by this program")
	errVersion = errors.New("was written by another version")
	errKind    = errors.New("is of another kind")
	errBroken  = errors.New("is damaged")
)

// Seal prepares a payload of a kind for the store, as the values of a cache are:
// compressed, with a checksum.
func Seal(kind string, payload []byte) []byte { return seal(kind, payload) }

// Unseal returns the payload that was sealed under the same kind.
func Unseal(kind string, sealed []byte) ([]byte, error) { return unseal(kind, sealed) }

// seal prepares a payload for storage outside the process. It does not encrypt
// or sign: the checksum only detects accidental damage.
func seal(kind string, payload []byte) []byte {
	kindSum, sum := sha256.Sum256([]byte(kind)), sha256.Sum256(payload)
	sealed := make([]byte, 0, bodyAt+len(payload)/4)
	sealed = append(sealed, sealMagic...)
	sealed = append(sealed, sealVersion)
	sealed = append(sealed, kindSum[:]...)
	sealed = append(sealed, sum[:]...)
	return newEncoder().EncodeAll(payload, sealed)
}

// unseal returns the payload that was sealed under the same kind, or one of the
// errors above.
func unseal(kind string, sealed []byte) ([]byte, error) {
	kindSum := sha256.Sum256([]byte(kind))
	switch {
	case !bytes.HasPrefix(sealed, []byte(sealMagic)):
		return nil, errForeign
	case len(sealed) < kindAt:
		return nil, errBroken
	case sealed[kindAt-1] != sealVersion:
		return nil, errVersion
	case len(sealed) < bodyAt:
		return nil, errBroken
	case !bytes.Equal(sealed[kindAt:sumAt], kindSum[:]):
		return nil, errKind
	}
	payload, err := decompress(sealed[bodyAt:])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBroken, err)
	}
	if sum := sha256.Sum256(payload); !bytes.Equal(sealed[sumAt:bodyAt], sum[:]) {
		return nil, errBroken
	}
	return payload, nil
}

// newEncoder returns an encoder for one payload. Encoders are not reused: their
// tables take megabytes, and payloads are minutes apart.
func newEncoder() *zstd.Encoder {
	encoder, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(err) // only for contradictory options
	}
	return encoder
}

// decompress limits its memory, because a few bytes can expand to gigabytes.
func decompress(body []byte) ([]byte, error) {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(sealMax))
	if err != nil {
		panic(err) // only for contradictory options
	}
	defer decoder.Close()
	return decoder.DecodeAll(body, nil)
}
