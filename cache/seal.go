package cache

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// A sealed text is the magic, the version of this format, the SHA-256 of its
// kind, the SHA-256 of the payload, and the payload compressed. The kind is
// hashed because it may name a provider, which is nobody else's business, and
// so that everything has its place whatever the kind's length.
const (
	sealMagic   = "kept"
	sealVersion = 1

	kindAt  = len(sealMagic) + 1
	sumAt   = kindAt + sha256.Size
	bodyAt  = sumAt + sha256.Size
	sealMax = 256 << 20 // bytes, sealed or not
)

// What can be wrong with a sealed text.
var (
	errForeign = errors.New("is not sealed by this program")
	errVersion = errors.New("is sealed by another version")
	errKind    = errors.New("is of another kind")
	errBroken  = errors.New("is damaged")
)

// seal packs a payload for storage outside the process. It keeps nobody from
// reading or forging it: the sum is against accidents.
func seal(kind string, payload []byte) []byte {
	kindSum, sum := sha256.Sum256([]byte(kind)), sha256.Sum256(payload)
	sealed := make([]byte, 0, bodyAt+len(payload)/4)
	sealed = append(sealed, sealMagic...)
	sealed = append(sealed, sealVersion)
	sealed = append(sealed, kindSum[:]...)
	sealed = append(sealed, sum[:]...)
	return newEncoder().EncodeAll(payload, sealed)
}

// unseal returns what was sealed under the same kind, or the error that says
// what is wrong with it.
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

// newEncoder returns an encoder for one payload. None is kept: its tables are
// megabytes, and minutes lie between two payloads.
func newEncoder() *zstd.Encoder {
	encoder, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(err) // only of options that make no sense
	}
	return encoder
}

// decompress is bounded, because a few bytes can claim to hold gigabytes.
func decompress(body []byte) ([]byte, error) {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(sealMax))
	if err != nil {
		panic(err) // only of options that make no sense
	}
	defer decoder.Close()
	return decoder.DecodeAll(body, nil)
}
