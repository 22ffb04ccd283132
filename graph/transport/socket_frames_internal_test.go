package transport

import (
	"testing"

	"pgregory.net/rapid"
)

// Test15_4_FrameScanner checks the cost of frames however their bytes arrive.
func Test15_4_FrameScanner(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var sent []byte
		want := 0
		for range rapid.IntRange(1, 8).Draw(t, "frames") {
			size := rapid.SampledFrom([]int{0, 1, 125, 126, 200, frameBytes - 1, frameBytes, 60_000}).Draw(t, "size")
			opcode := rapid.SampledFrom([]byte{opContinue, opText, final | opPing}).Draw(t, "opcode")
			sent = append(sent, clientFrame(opcode, string(make([]byte, size)))...)
			want += 1 + size/frameBytes
		}
		var scanner frameScanner
		got := 0
		for len(sent) > 0 {
			n := min(rapid.IntRange(1, 5000).Draw(t, "chunk"), len(sent))
			got += scanner.scan(sent[:n])
			sent = sent[n:]
		}
		if got != want {
			t.Fatalf("cost = %d, want %d", got, want)
		}
	})
}

// FuzzFrameScanner scans any bytes, at once and one by one.
func FuzzFrameScanner(f *testing.F) {
	f.Add(clientFrame(final|opPing, "x"))
	f.Add([]byte{0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 'x'}) // 2^63 - 1 bytes
	f.Add([]byte{0x81, 0xfe, 0, 0})
	f.Fuzz(func(t *testing.T, sent []byte) {
		var whole, bytewise frameScanner
		cost, sum := whole.scan(sent), 0
		for i := range sent {
			sum += bytewise.scan(sent[i : i+1])
		}
		if cost != sum || whole.payload != bytewise.payload || cost > 1000*len(sent) {
			t.Errorf("cost %d at once and %d one by one, payload %d and %d", cost, sum, whole.payload, bytewise.payload)
		}
	})
}
