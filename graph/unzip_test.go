package graph_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// unzip returns what gzip made the bytes of.
func unzip(t testing.TB, zipped []byte) []byte {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		t.Error(err)
		return nil
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		t.Error(err)
	}
	return plain
}
