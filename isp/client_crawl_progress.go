package isp

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wisphub-graphql/isp/phone"
	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// crawlProgress is what a first crawl of the client list has read so far. It is empty while no
// such crawl runs: a refresh has a whole directory beside it. It is safe for concurrent use.
type crawlProgress struct {
	locale locale
	// budgetWait returns how long until the budget has let that many calls go.
	budgetWait func(calls int) time.Duration

	changes atomic.Uint64 // counts the pages that came or went; find sees them at the latest then

	mu      sync.Mutex // guards what follows
	pass    int        // counts the passes of all crawls
	running bool
	next    chan struct{}        // closed at the next page or pass, and at the end
	pages   map[int]bool         // by offset, in this pass
	total   int                  // pages of the list; 0 before the first page
	began   time.Time            // of the pass
	firstAt time.Time            // when the first page of the list came
	clients map[lookup][]*Client // in the order of arrival, by each of their keys
}

func newCrawlProgress(loc locale, budgetWait func(calls int) time.Duration) *crawlProgress {
	return &crawlProgress{locale: loc, budgetWait: budgetWait, next: make(chan struct{})}
}

// find returns the clients that match the key, by service id, as the directory does. Pages that
// have not come may hold more: none is not "does not exist", and a document may have other
// services. Writes since the crawl began are not in it.
func (p *crawlProgress) find(key lookup) []*Client {
	key.typed = ""
	p.mu.Lock()
	defer p.mu.Unlock()
	if key.field != byPhone {
		return byServiceIDs(p.clients[key])
	}
	number := key.normalized
	key.normalized = phone.IndexKey(number)
	return p.locale.withPhone(byServiceIDs(p.clients[key]), number)
}

// byServiceIDs returns a sorted copy of clients.
func byServiceIDs(clients []*Client) []*Client {
	return slices.SortedFunc(slices.Values(clients), func(a, b *Client) int { return cmp.Compare(a.ServiceID, b.ServiceID) })
}

// changed returns a channel that is closed at the next page or pass and at the end of the crawl. If no
// crawl runs, that is the beginning of the next one. Take it before you call find.
func (p *crawlProgress) changed() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next
}

// remaining returns how long until the list is there, as far as the pages left, the crawl's speed
// and the budget tell. It returns false while that is unknown: before the first page, unless that page
// waits for the budget.
func (p *crawlProgress) remaining() (time.Duration, bool) {
	p.mu.Lock()
	running, begun, left := p.running, p.total > 0, p.total-len(p.pages)
	read, first, since := len(p.pages)-1, p.firstAt.Sub(p.began), time.Since(p.firstAt)
	p.mu.Unlock()
	if !running {
		return 0, false
	}
	if !begun {
		wait := p.budgetWait(1)
		return wait, wait > 0
	}
	if left <= 0 {
		return 0, true
	}
	// The first page comes alone, the others side by side. One that hung says little about them.
	onePage := min(first, time.Second)
	bySpeed := onePage * time.Duration((left+wisphub.MaxParallelPages-1)/wisphub.MaxParallelPages)
	if read >= 2*wisphub.MaxParallelPages {
		bySpeed = since * time.Duration(left) / time.Duration(read)
	}
	return max(bySpeed, p.budgetWait(left)+onePage), true
}

// begin starts a pass over the list and returns its number. What earlier passes have found is
// forgotten.
func (p *crawlProgress) begin() (pass int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pass++
	p.running, p.began, p.firstAt = true, time.Now(), time.Time{}
	p.pages, p.total, p.clients = map[int]bool{}, 0, map[lookup][]*Client{}
	p.wake()
	return p.pass
}

// add adds a page at an offset. It ignores pages of earlier passes.
func (p *crawlProgress) add(pass, offset int, page *wisphub.Page[*Client]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if pass != p.pass || !p.running || p.pages[offset] {
		return
	}
	p.pages[offset] = true
	if offset == 0 {
		p.total, p.firstAt = page.Pages(), time.Now()
	}
	for _, client := range page.Rows {
		if client.ServiceID > 0 {
			p.index(client)
		}
	}
	p.wake()
}

// end forgets the pages: the crawl is over, or has failed. It does nothing after an earlier pass.
func (p *crawlProgress) end(pass int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if pass != p.pass {
		return
	}
	p.running, p.pages, p.total, p.clients = false, nil, 0, nil
	p.wake()
}

// wake closes next, after each change. The caller must hold mu.
func (p *crawlProgress) wake() {
	p.changes.Add(1)
	close(p.next)
	p.next = make(chan struct{})
}

// index adds a client under its keys, unless it is known: two pages share a row. The caller must
// hold mu.
func (p *crawlProgress) index(client *Client) {
	id := lookup{field: byServiceID, id: client.ServiceID}
	if len(p.clients[id]) > 0 {
		return
	}
	p.put(id, client)
	if client.document != "" {
		p.put(lookup{field: byDocument, normalized: client.document}, client)
	}
	if username := text.Fold(string(client.Username)); username != "" {
		p.put(lookup{field: byUsername, normalized: username}, client)
	}
	for _, number := range client.Phones {
		p.put(lookup{field: byPhone, normalized: phone.IndexKey(number)}, client)
	}
}

// put adds a client under a key, once. The caller must hold mu.
func (p *crawlProgress) put(key lookup, client *Client) {
	if with := p.clients[key]; len(with) == 0 || with[len(with)-1] != client {
		p.clients[key] = append(with, client)
	}
}
