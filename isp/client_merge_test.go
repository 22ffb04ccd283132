package isp

import (
	"runtime"
	"sync"
	"testing"
	"time"
)

// overrideCity adds an override with another city, as a write does before it is answered.
func overrideCity(provider *Provider, id int, city Text) *Client {
	client := *provider.Clients.current().byID(id)
	client.City = city
	provider.Clients.overrides.add([]*Client{&client}, time.Now().Add(time.Minute)) // newer than any list of the test
	return &client
}

// current returns the directory that readers get.
func (c *Clients) current() *directory {
	entry, _ := c.directory.Peek(struct{}{})
	return c.overrides.current(entry.Value)
}

// A reader never builds a directory: it gets a write when the writer has put it in.
func Test14_18_ReadersNeverBuild(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	warm(t, upstream, provider)
	id, before := upstream.IDs()[3], provider.Clients.current()
	written := overrideCity(provider, id, "Bello")
	if provider.Clients.current() != before {
		t.Error("a reader built a directory for a write that has not been answered")
	}
	provider.Clients.overrides.applied([]*Client{written})
	after := provider.Clients.current()
	if after.byID(id) != written {
		t.Error("the directory lacks the write after applied()")
	}
	if provider.Clients.current() != after {
		t.Error("a second reader got another directory")
	}
}

// After a refresh the directory with the writes is there before the first reader comes.
func Test14_18_RefreshedDirectoryIsReady(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	warm(t, upstream, provider)
	written := overrideCity(provider, upstream.IDs()[3], "Bello")
	provider.Clients.overrides.applied([]*Client{written})
	if err := refresh(t, provider); err != nil {
		t.Fatal(err)
	}
	entry, _ := provider.Clients.directory.Peek(struct{}{})
	merged := entry.Value.merged.Load()
	if merged == nil || merged.directory.byID(written.ServiceID) != written {
		t.Errorf("merged = %+v, want a directory with the write", merged)
	}
}

// Writers that come together share one change of the directory.
func Test14_18_WritersShareOneMerge(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	warm(t, upstream, provider)
	before := provider.Clients.current().version
	var writes []*Client
	for _, id := range upstream.IDs()[:20] {
		writes = append(writes, overrideCity(provider, id, "Bello"))
	}
	var group sync.WaitGroup
	for _, written := range writes {
		group.Go(func() {
			provider.Clients.overrides.applied([]*Client{written})
			if provider.Clients.current().byID(written.ServiceID) != written {
				t.Errorf("client %d: the writer does not read its write", written.ServiceID)
			}
		})
	}
	group.Wait()
	if changes := provider.Clients.current().version - before; changes != 1 {
		t.Errorf("%d directories for 20 writes at the same time, want 1", changes)
	}
}

// A write is not lost that ends while the load of a new directory ends.
func Test14_18_WriteBesideTheEndOfALoad(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	warm(t, upstream, provider)
	old := loadedDirectory(t, provider)
	loaded := buildDirectory(append([]*Client{}, old.clients...), old.locale, old.asOf, 7)
	provider.Clients.overrides.merge(loaded)
	written := overrideCity(provider, upstream.IDs()[3], "Bello")
	provider.Clients.overrides.applied([]*Client{written}) // merges into the old one
	if provider.Clients.overrides.current(loaded).byID(written.ServiceID) != written {
		t.Error("the new directory lacks the write")
	}
}

// An override that is evicted stays in the directory: the list is older.
func Test14_18_EvictedOverridesStay(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	warm(t, upstream, provider)
	ids := upstream.IDs()
	first := overrideCity(provider, ids[0], "Bello")
	provider.Clients.overrides.applied([]*Client{first})
	delete(provider.Clients.overrides.records, ids[0])
	second := overrideCity(provider, ids[1], "Bello")
	provider.Clients.overrides.applied([]*Client{second})
	for _, written := range []*Client{first, second} {
		if provider.Clients.current().byID(written.ServiceID) != written {
			t.Errorf("the directory lacks the write of client %d", written.ServiceID)
		}
	}
}

// A write into 20,000 clients takes less than 1 MB: it does not build the directory again. The test
// is not parallel, because it measures the whole process.
func Test14_18_MemoryOfAWrite(t *testing.T) {
	d := benchDirectory()
	written := *d.clients[len(d.clients)/2]
	written.City, written.Status, written.Balance = "Bello", ClientSuspended, mustDecimal("123456.00")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d.replace([]*Client{&written}, 2)
	runtime.ReadMemStats(&after)
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 1<<20 {
		t.Errorf("a write took %d bytes, want less than 1 MB", bytes)
	}
}

// A write is shown though the clock was set back since an earlier write of the client, which has the
// wall clock of another replica.
func Test14_18_WriteAfterTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	warm(t, upstream, provider)
	o, id := provider.Clients.overrides, upstream.IDs()[3]
	first := *provider.Clients.current().byID(id)
	o.set([]*Client{&first}, time.Now().Round(0), false)
	o.applied([]*Client{&first})
	ahead := o.records[id]
	ahead.at = ahead.at.Add(time.Hour) // the clock is an hour behind now
	entry, _ := provider.Clients.directory.Peek(struct{}{})
	o.records[id], entry.Value.merged.Load().writes[id] = ahead, ahead
	second := first
	second.City = "Bello"
	o.applied(o.add([]*Client{&second}, time.Now()))
	if got := provider.Clients.current().byID(id); got != &second {
		t.Errorf("the directory has the city %q, want that of the second write", got.City)
	}
}

// A write is shown though the clock was set back since the list was read.
func Test14_15_WriteIntoAListOfTheFuture(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 30)
	warm(t, upstream, provider)
	id := upstream.IDs()[3]
	entry, _ := provider.Clients.directory.Peek(struct{}{})
	entry.Value.asOf = entry.Value.asOf.Add(time.Hour)
	setCity(t, provider, id, "Bello")
	if got := provider.Clients.current().byID(id); got.City != "Bello" {
		t.Errorf("the directory has the city %q, want Bello", got.City)
	}
}
