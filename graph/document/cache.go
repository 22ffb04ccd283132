package document

import (
	"math"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/ast"
)

const (
	// maxCachedBytes bounds the trees and the texts of all cached documents.
	maxCachedBytes = 8 << 20
	// largestShare is the part of the cache that one document may take: an eighth.
	largestShare = 8
	// cacheEntryBytes is what the maps and the lists of the cache take for each document, and where
	// its plans are kept.
	cacheEntryBytes = 800
)

// cache holds parsed documents by their text, bounded by the bytes that they take. A document
// belongs to the user who sent it first, and every user may use it. When the cache is full, the
// user who holds most loses the document not used for the longest time. So a user who sends
// thousands of documents pushes out no others'. It is safe for concurrent use.
type cache struct {
	max int // in bytes

	mu     sync.Mutex // guards the fields below
	bytes  int
	byText map[string]*checkedDocument
	byUser map[string]*userDocuments
}

// checkedDocument is a document that passed all checks. It must not change any more.
type checkedDocument struct {
	text  string // shares its memory with the tree
	tree  *ast.QueryDocument
	mark  map[string]any // see [documentIn]
	plans *Plans         // nil if the document is not cached

	bytes int // with its plans; guarded by the cache
	owner *userDocuments
}

// userDocuments are the documents of one user, in the order of their last use.
type userDocuments struct {
	user   string
	bytes  int
	recent *simplelru.LRU[string, *checkedDocument]
}

func newCache(maxBytes int) *cache {
	return &cache{max: maxBytes, byText: map[string]*checkedDocument{}, byUser: map[string]*userDocuments{}}
}

// get returns the document with the text, nil if there is none.
func (c *cache) get(text string) *checkedDocument {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := c.byText[text]
	if found == nil {
		return nil
	}
	found.owner.recent.Get(text) // now the most recently used
	return found
}

// add compacts a document, which no other goroutine may use yet, and keeps it unless it is too
// large. It returns the document of that text to use, which another request may have added.
func (c *cache) add(user string, document *checkedDocument) *checkedDocument {
	bytes := compact(document.tree) + cacheEntryBytes
	if bytes > c.max/largestShare {
		return document
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.byText[document.text]; known != nil {
		return known
	}
	owner := c.byUser[user]
	if owner == nil {
		owner = newUserDocuments(user)
		c.byUser[user] = owner
	}
	document.owner, document.plans = owner, &Plans{cache: c, document: document}
	c.byText[document.text] = document
	owner.recent.Add(document.text, document)
	c.count(document, bytes)
	return document
}

// count adds to the bytes of a cached document, and makes room for them. It needs mu.
func (c *cache) count(document *checkedDocument, bytes int) {
	document.bytes += bytes
	document.owner.bytes += bytes
	c.bytes += bytes
	for c.bytes > c.max {
		c.evict()
	}
}

// grow counts more bytes for a document. It reports false, and counts nothing, if the document is
// no longer cached or would be too large.
func (c *cache) grow(document *checkedDocument, bytes int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byText[document.text] != document || document.bytes+bytes > c.max/largestShare {
		return false
	}
	c.count(document, bytes)
	return true
}

func newUserDocuments(user string) *userDocuments {
	recent, err := simplelru.NewLRU[string, *checkedDocument](math.MaxInt, nil) // bounded by bytes
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &userDocuments{user: user, recent: recent}
}

// evict removes the document not used for the longest time of the user who holds most. It needs mu.
func (c *cache) evict() {
	var most *userDocuments
	for _, user := range c.byUser {
		if most == nil || user.bytes > most.bytes {
			most = user
		}
	}
	_, oldest, _ := most.recent.RemoveOldest()
	delete(c.byText, oldest.text)
	most.bytes -= oldest.bytes
	c.bytes -= oldest.bytes
	if most.recent.Len() == 0 {
		delete(c.byUser, most.user)
	}
}

// size returns how many documents are cached and the bytes that they take.
func (c *cache) size() (documents, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.byText), c.bytes
}
