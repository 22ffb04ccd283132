package isp

import (
	"encoding/json"
	"math"
	"runtime"
	"testing"
	"time"

	"wisphub-graphql/wisphub"
)

// BenchmarkEncodeDirectory encodes the directory. The yardstick encodes the clients as they are.
func BenchmarkEncodeDirectory(b *testing.B) {
	directory := benchDirectory()
	b.Run("directory", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			data, _ := encodeDirectory(directory)
			b.ReportMetric(float64(len(data)), "bytes")
		}
	})
	b.Run("yardstick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			data, _ := json.Marshal(directory.clients)
			b.ReportMetric(float64(len(data)), "bytes")
		}
	})
}

// BenchmarkDecodeDirectory decodes and indexes. The yardstick builds the directory from a
// crawl's rows.
func BenchmarkDecodeDirectory(b *testing.B) {
	data, err := encodeDirectory(benchDirectory())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("directory", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := decodeDirectory(data, colombia, 1); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("yardstick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			newDirectory(benchRows(), colombia, time.Now(), 1)
		}
	})
}

// BenchmarkDirectoryInMemory measures the memory of a decoded directory. The yardstick is a
// crawled one.
func BenchmarkDirectoryInMemory(b *testing.B) {
	data, err := encodeDirectory(benchDirectory())
	if err != nil {
		b.Fatal(err)
	}
	pages := benchPages()
	b.Run("decoded", func(b *testing.B) {
		weigh(b, func() *directory {
			decoded, _ := decodeDirectory(data, colombia, 1)
			return decoded
		})
	})
	b.Run("yardstick", func(b *testing.B) {
		weigh(b, func() *directory {
			var rows []wisphub.Client
			for _, page := range pages {
				rows = append(rows[:max(len(rows)-1, 0)], decodePage[wisphub.Client](page)...)
			}
			return newDirectory(rows, colombia, time.Now(), 1)
		})
	})
}

// weigh reports the memory that the result of build retains.
func weigh(b *testing.B, build func() *directory) {
	b.Helper()
	for b.Loop() {
		before := heapBytes()
		retained := build()
		b.ReportMetric(float64(heapBytes()-before), "retained-B")
		runtime.KeepAlive(retained)
	}
}

func heapBytes() uint64 {
	var memory runtime.MemStats
	runtime.GC()
	runtime.GC() // the first collection only moves sync.Pool objects to the victim cache
	runtime.ReadMemStats(&memory)
	return memory.HeapAlloc
}

// Encoding takes little more memory than the result: all records at once took more than twice as
// much. The process is measured as a whole, and goroutines of earlier tests may still end. So the
// best of several runs counts.
func Test14_17_MemoryOfEncoding(t *testing.T) {
	d := benchDirectory()
	size, least := 0, uint64(math.MaxUint64)
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		data, err := encodeDirectory(d)
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		size, least = len(data), min(least, after.TotalAlloc-before.TotalAlloc)
	}
	if least > uint64(size)*maxEncodingMemory {
		t.Errorf("encoding %d bytes took %d, want at most %d times as much", size, least, maxEncodingMemory)
	}
}
