package tenant_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/tenant"
)

const host = "https://api.wisphub.net"

// memory is a table in memory. It may be flushed.
type memory struct {
	mu      sync.Mutex
	content []byte // guarded by mu
}

func (m *memory) Load(context.Context) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.content), nil
}

func (m *memory) Swap(_ context.Context, old, content []byte) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !bytes.Equal(old, m.content) {
		return false, nil
	}
	m.content = bytes.Clone(content)
	return true, nil
}

func (m *memory) flush() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.content = nil
}

// process is a process with one table, at a WispHub with the given company. Calls counts its reads.
type process struct {
	t *testing.T
	*tenant.Identity
	*tenant.Resolver
	table   *memory
	key     string
	company string
	err     error // of a read
	calls   int
}

func start(t *testing.T, table *memory, key, company string) *process {
	identity := tenant.New(host, key)
	p := &process{t: t, Identity: identity, Resolver: identity.NewResolver(), table: table, key: key, company: company}
	p.LearnWith(func(context.Context) (string, error) {
		p.calls++
		return p.company, p.err
	})
	return p
}

// crawl is the reading of the clients with the current key.
func (p *process) crawl() {
	p.t.Helper()
	if _, err := p.Observe(p.key, p.company); err != nil {
		p.t.Errorf("Observe = %v, want nil", err)
	}
}

func (p *process) wantName(what, want string, calls int) {
	p.t.Helper()
	got, err := p.Resolve(p.t.Context(), p.table)
	if err != nil || got != want || p.calls != calls {
		p.t.Errorf("%s: Resolve = %.8s, %v after %d calls, want %.8s after %d", what, got, err, p.calls, want, calls)
	}
}

func (p *process) wantUnknown(what string, calls int) {
	p.t.Helper()
	if got, err := p.Resolve(p.t.Context(), p.table); !errors.Is(err, tenant.ErrUnknown) || p.calls != calls {
		p.t.Errorf("%s: Resolve = %.8s, %v after %d calls, want ErrUnknown after %d", what, got, err, p.calls, calls)
	}
}

func name(key string) string { return tenant.Name(host, key) }

// Test14_8_RotationKeepsTheName expects a new key to cost one call, once, and the name to stay.
func Test14_8_RotationKeepsTheName(t *testing.T) {
	t.Parallel()
	table := &memory{}
	p := start(t, table, "k1", "demo-isp")
	p.wantName("the first key", name("k1"), 0)
	p.crawl()
	p.wantName("after the crawl", name("k1"), 0)
	start(t, table, "k1", "demo-isp").wantName("a restart", name("k1"), 0)
	for i := range 20 {
		key := fmt.Sprint("next ", i)
		start(t, table, key, "demo-isp").wantName("a new key", name("k1"), 1)
		start(t, table, key, "demo-isp").wantName("a restart with it", name("k1"), 0)
	}
	start(t, table, "k1", "demo-isp").wantName("a forgotten key", name("k1"), 1)
	if text := string(table.content); strings.Contains(text, "demo-isp") || strings.Contains(text, "next") || len(text) > 1000 {
		t.Errorf("the table is %s, want hashes of the last keys", text)
	}
}

// Test14_8_OtherProvidersHaveOtherNames never gives two providers one name, whatever is not known.
func Test14_8_OtherProvidersHaveOtherNames(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, crawled := range []bool{true, false} {
			table := &memory{}
			a := start(t, table, "a1", "a-isp")
			a.wantName("the first provider", name("a1"), 0)
			if crawled {
				a.crawl()
				a.wantName("the first provider after its crawl", name("a1"), 0)
			}
			start(t, table, "b1", "b-isp").wantName("the second provider", name("b1"), 1)
			start(t, table, "b2", "b-isp").wantName("its second key", name("b1"), 1)
			c := start(t, table, "c1", "")
			c.wantName("a provider without a company", name("c1"), 1)
			start(t, table, "c1", "").wantName("its restart", name("c1"), 0)
			empty := start(t, table, "b3", "") // WispHub has shown an empty list by mistake
			empty.wantName("without a company", name("b3"), 1)
			empty.company = "b-isp"
			empty.crawl()
			empty.wantName("once the company is shown", name("b1"), 1)
			away := start(t, table, "a2", "a-isp")
			away.err = errors.New("no answer")
			away.wantUnknown("WispHub is away", 1)
			away.wantUnknown("at once again", 1)
			time.Sleep(time.Minute)
			away.err = nil
			want := name("a2")
			if crawled {
				want = name("a1")
			}
			away.wantName("WispHub is back", want, 2)
		}
	})
}

// Test14_8_TableIsFlushed expects running processes to write the table again, and those that asked
// in between to end up with the same name.
func Test14_8_TableIsFlushed(t *testing.T) {
	t.Parallel()
	table := &memory{}
	a := start(t, table, "k1", "demo-isp")
	a.wantName("the first key", name("k1"), 0)
	a.crawl()
	b := start(t, table, "k2", "demo-isp")
	a.wantName("after the crawl", name("k1"), 0)
	b.wantName("the second key", name("k1"), 1)
	table.flush()
	a.wantName("after a flush", name("k1"), 0)
	b.wantName("after a flush", name("k1"), 1)
	table.flush()
	c := start(t, table, "k3", "demo-isp")
	c.wantName("the first after a flush", name("k3"), 0)
	a.wantName("the table does not know the company", name("k1"), 0)
	c.crawl()
	for _, p := range []*process{c, a, b} {
		p.wantName("once the company is known", name("k1"), p.calls)
	}
}

// Test14_8_FirstKeysTogether starts two processes on an empty table at once.
func Test14_8_FirstKeysTogether(t *testing.T) {
	t.Parallel()
	for range 50 {
		table := &memory{}
		one, two := start(t, table, "k1", "demo-isp"), start(t, table, "k2", "demo-isp")
		var group sync.WaitGroup
		names := make([]string, 2)
		for i, p := range []*process{one, two} {
			group.Go(func() {
				_, _ = p.Resolve(t.Context(), table)
				p.crawl()
				for range 2 {
					names[i], _ = p.Resolve(t.Context(), table)
				}
			})
		}
		group.Wait()
		for i, p := range []*process{one, two} {
			names[i], _ = p.Resolve(t.Context(), table)
		}
		if names[0] != names[1] || names[0] == "" {
			t.Fatalf("names = %q, want one", names)
		}
	}
}

// Test14_8_KeyChangesWhileRunning expects a key of the same provider to be recorded, another to be
// refused, and a key whose provider cannot be told not to be recorded.
func Test14_8_KeyChangesWhileRunning(t *testing.T) {
	t.Parallel()
	table := &memory{}
	p := start(t, table, "k1", "demo-isp")
	p.wantName("the first key", name("k1"), 0)
	p.crawl()
	if proven, err := p.Observe("k2", "demo-isp"); err != nil || !proven {
		t.Errorf("Observe(same company) = %t, %v, want proven", proven, err)
	}
	p.wantName("with the new key", name("k1"), 0)
	start(t, table, "k2", "demo-isp").wantName("a restart", name("k1"), 0)
	for _, company := range []string{"b-isp", ""} {
		if _, err := p.Observe("b1", company); !errors.Is(err, tenant.ErrOtherProvider) {
			t.Errorf("Observe(%q) = %v, want ErrOtherProvider", company, err)
		}
	}
	p.wantName("after another provider's key", name("k1"), 0)
	start(t, table, "b1", "b-isp").wantName("the other provider", name("b1"), 1)

	restarted := start(t, table, "k1", "demo-isp") // which has read no client yet
	restarted.wantName("a restart", name("k1"), 0)
	if _, err := restarted.Observe("b1", "b-isp"); !errors.Is(err, tenant.ErrOtherProvider) {
		t.Errorf("Observe after a restart = %v, want ErrOtherProvider", err)
	}

	wrong := start(t, &memory{}, "typo", "c-isp") // a key that never worked
	wrong.wantName("a wrong key", name("typo"), 0)
	if proven, err := wrong.Observe("c1", ""); err != nil || proven {
		t.Errorf("Observe after a wrong key = %t, %v, want accepted without proof", proven, err)
	}
	wrong.wantName("without a company", name("typo"), 0)
	if text := string(wrong.table.content); strings.Contains(text, name("c1")) {
		t.Errorf("the table is %s, want nothing about a key without proof", text)
	}
	if _, err := wrong.Observe("c1", "c-isp"); err != nil {
		t.Error(err)
	}
	wrong.wantName("once the company is shown", name("c1"), 0)
}

// Test14_8_CompanyIsRenamed keeps the name: a key never moves to another provider.
func Test14_8_CompanyIsRenamed(t *testing.T) {
	t.Parallel()
	table := &memory{}
	p := start(t, table, "k1", "demo-isp")
	p.crawl()
	p.wantName("the first key", name("k1"), 0)
	p.company = "new-isp"
	p.crawl()
	p.wantName("with another company", name("k1"), 0)
	start(t, table, "k2", "new-isp").wantName("the next key", name("k1"), 1)
}

// Test14_8_DamagedTable counts as none.
func Test14_8_DamagedTable(t *testing.T) {
	t.Parallel()
	start(t, &memory{content: []byte("half of it")}, "k1", "demo-isp").wantName("a damaged table", name("k1"), 0)
}
