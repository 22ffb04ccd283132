package isp

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"wisphub-graphql/wisphub"
)

const (
	// maxClientBytes is what a client may take in memory, with its part of the indexes.
	maxClientBytes = 1_500
	// memoryTestClients is how many clients these tests have. Their figures do not depend on it.
	memoryTestClients = 3_000
)

// changing are rows of which some change from one crawl to the next.
type changing struct {
	rows   []wisphub.Client
	random *rand.Rand
}

// change changes one row in a hundred.
func (c *changing) change() {
	for range len(c.rows) / 100 {
		row := &c.rows[c.random.IntN(len(c.rows))]
		row.Address = wisphub.Text("Calle " + strconv.Itoa(c.random.IntN(1_000_000)))
		row.Comments = wisphub.Text("Comentario " + strconv.Itoa(c.random.IntN(1_000_000)))
		row.CutOff.Text = strconv.Itoa(c.random.IntN(28)+1) + "/05/2026"
	}
}

// crawl returns the directory of the rows after the previous one.
func (c *changing) crawl(previous *directory) *directory {
	convert := newConverterAfter(previous, colombia, time.Now())
	clients := make([]*Client, 0, len(c.rows))
	for i := range c.rows {
		clients = append(clients, convert.client(&c.rows[i]))
	}
	return buildAfter(previous, clients, colombia, time.Now(), 1)
}

// leastHeap is heapBytes without what earlier tests still let go of.
func leastHeap() uint64 {
	least := uint64(math.MaxUint64)
	for range 3 {
		least = min(least, heapBytes())
	}
	return least
}

// The heap is that of the whole process, so this test runs alone.
func Test16_7_RefreshesDoNotGrow(t *testing.T) {
	rows := changing{rowsOf(pagesOf(memoryTestClients)), rand.New(rand.NewPCG(16, 7))}
	empty := leastHeap()
	d := rows.crawl(nil)
	size, early := leastHeap()-empty, uint64(0)
	if perClient := size / memoryTestClients; perClient > maxClientBytes {
		t.Errorf("a client takes %d bytes, want at most %d", perClient, maxClientBytes)
	}
	for refreshes := range manyRefreshes {
		rows.change()
		d = rows.crawl(d)
		if refreshes == 2 {
			early = leastHeap() - empty
		}
	}
	if late := leastHeap() - empty; late > early+early/10 {
		t.Errorf("the directory takes %d bytes after %d refreshes, want at most a tenth more than the %d after 3", late, manyRefreshes, early)
	}
	runtime.KeepAlive(d)
	runtime.KeepAlive(rows.rows)
}

// allocatedBy returns the least that a few calls allocate: other goroutines may do so, too.
func allocatedBy(work func()) uint64 {
	least := uint64(math.MaxUint64)
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		work()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}

// A write into a large directory copies little of it. So does a refresh with few changes.
func Test16_7_MemoryOfChanges(t *testing.T) {
	d := benchDirectory()
	rows := changing{slices.Clone(benchRows()[:200]), rand.New(rand.NewPCG(16, 7))}
	convert, changed := newConverter(colombia, time.Now()), slices.Clone(d.clients)
	for i := range rows.rows {
		rows.rows[i].Address = "Calle 1"
		changed[i] = convert.client(&rows.rows[i])
	}
	for name, test := range map[string]struct {
		work func()
		max  uint64
	}{
		"a write":                     {func() { d.replace(changed[:1], 2) }, 1 << 20},
		"a refresh of 1 % of clients": {func() { buildAfter(d, slices.Clone(changed), colombia, d.asOf, 2) }, 4 << 20},
	} {
		if took := allocatedBy(test.work); took > test.max {
			t.Errorf("%s took %d bytes, want at most %d", name, took, test.max)
		} else {
			t.Logf("%s took %d bytes", name, took)
		}
	}
}
