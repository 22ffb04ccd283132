package isp

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"strconv"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/shared"
	"wisphub-graphql/wisphub"
)

const (
	// pageTTL is how long a published page can be used.
	pageTTL = 2 * time.Minute
	// maxPublished limits the pages that a crawl publishes: 75,000 clients.
	maxPublished = 256
	// resumeTimeout limits how long a crawl looks for published pages.
	resumeTimeout = 3 * time.Second
	pageKind      = "page of clients"
)

// crawlPass identifies a pass over the list. Pages of two passes are never joined.
type crawlPass struct {
	id    string
	began time.Time
}

func newCrawlPass(began time.Time) crawlPass { return crawlPass{rand.Text(), began} }

// publishedPage is a page in the store. A replica that takes over from a dead one goes on from
// such pages.
type publishedPage struct {
	Pass  string `json:"pass"`
	Began moment `json:"began"`
	Count int    `json:"count"`
	// Rows are a directory with the rows in their order, those without an id too.
	Rows json.RawMessage `json:"rows"`
}

func pageKey(offset int) string { return "pages/clients/" + strconv.Itoa(offset) }

// pagePublisher publishes pages in the background. A nil pagePublisher publishes none.
type pagePublisher struct {
	store *shared.Store
	queue chan func() (key string, page *publishedPage)
	stop  context.CancelFunc
	done  chan struct{}
}

// newPagePublisher returns a publisher that the caller must close.
func newPagePublisher(ctx context.Context, store *shared.Store) *pagePublisher {
	if store == nil {
		return nil
	}
	ctx, stop := context.WithCancel(ctx)
	p := &pagePublisher{
		store: store, stop: stop, done: make(chan struct{}),
		queue: make(chan func() (string, *publishedPage), maxPublished),
	}
	go p.run(ctx)
	return p
}

func (p *pagePublisher) run(ctx context.Context) {
	defer close(p.done)
	for {
		select {
		case encode := <-p.queue:
			key, page := encode()
			if data, err := json.Marshal(page); err == nil && page.Rows != nil {
				// Without the page another replica reads it itself. The store logs its loss.
				_ = p.store.Set(ctx, key, cache.Seal(pageKind, data), pageTTL)
			}
		case <-ctx.Done():
			return
		}
	}
}

// publish publishes a page soon. It never blocks.
func (p *pagePublisher) publish(pass crawlPass, offset int, page *wisphub.Page[*Client]) {
	if p == nil || offset/wisphub.MaxLimit >= maxPublished {
		return
	}
	encode := func() (string, *publishedPage) {
		rows, err := encodeDirectory(&directory{asOf: pass.began, clients: page.Rows})
		if err != nil {
			rows = nil
		}
		return pageKey(offset), &publishedPage{Pass: pass.id, Began: momentOf(pass.began), Count: page.Count, Rows: rows}
	}
	select {
	case p.queue <- encode:
	default:
	}
}

// close ends the publishing: the list is there, or has failed.
func (p *pagePublisher) close() {
	if p != nil {
		p.stop()
		<-p.done
	}
}

// resume returns the pages of an unfinished pass of another replica, by offset, and continues
// that pass. It returns none if there are none.
func (c *clientCrawl) resume(ctx context.Context, store *shared.Store) map[int]*wisphub.Page[*Client] {
	if store == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, resumeTimeout)
	defer cancel()
	first := fetchPage(ctx, store, 0)
	if first == nil {
		return nil
	}
	mine, theirs := c.pass, crawlPass{first.Pass, first.Began.in(time.UTC)}
	if age := time.Since(theirs.began); age < 0 || age > crawlTimeout {
		return nil // also if the clocks of the replicas differ
	}
	c.start(theirs)
	pages := map[int]*wisphub.Page[*Client]{0: c.decodePage(first)}
	if pages[0] == nil {
		c.start(mine)
		return nil
	}
	step := max(len(pages[0].Rows)-1, 1)
	for offset := step; offset+1 < first.Count && len(pages) < maxPublished && ctx.Err() == nil; offset += step {
		page := fetchPage(ctx, store, offset)
		if page == nil || page.Pass != first.Pass || page.Count != first.Count {
			continue
		}
		if decoded := c.decodePage(page); decoded != nil {
			pages[offset] = decoded
		}
	}
	return pages
}

// fetchPage returns a published page, or nil.
func fetchPage(ctx context.Context, store *shared.Store, offset int) *publishedPage {
	data, err := store.Get(ctx, pageKey(offset))
	if err != nil {
		return nil
	}
	if data, err = cache.Unseal(pageKind, data); err != nil {
		return nil
	}
	page, err := decodeJSON[publishedPage](data)
	if err != nil || page.Pass == "" || page.Count < 0 {
		return nil
	}
	return page
}

// pageRecord is the stored form of a page, as encodeDirectory writes it.
type pageRecord struct {
	directoryRecord
	Clients []clientRecord `json:"clients"`
}

// decodePage returns the rows of a published page, in their order. It returns nil if they cannot
// be read.
func (c *clientCrawl) decodePage(page *publishedPage) *wisphub.Page[*Client] {
	record, err := decodeJSON[pageRecord](page.Rows)
	if err != nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	rows := make([]*Client, len(record.Clients))
	for i := range record.Clients {
		row := &record.Clients[i]
		if row.ID <= 0 {
			rows[i] = &Client{ServiceID: row.ID}
			continue
		}
		rows[i] = c.convert.fromRecord(row, &record.directoryRecord)
	}
	return &wisphub.Page[*Client]{Count: page.Count, Rows: rows}
}
