package isp

import (
	"slices"
	"strings"
)

// searchIndex finds clients by words. For each pair of neighbouring bytes it knows the clients whose
// text contains it, so a search reads few texts. It is immutable.
type searchIndex struct {
	size    int // clients
	texts   textChunks
	bigrams bigrams
}

// textChunks are the clients' texts, apart from the clients because a search for a single letter
// reads them all. All chunks but the last have chunkSize texts.
type textChunks [][]string

const chunkSize = 256

func (t textChunks) at(i int) string { return t[i/chunkSize][i%chunkSize] }

func textsOf(clients []*Client) textChunks {
	chunks := make(textChunks, 0, len(clients)/chunkSize+1)
	texts := make([]string, len(clients))
	for i, client := range clients {
		texts[i] = client.search.text
	}
	for chunk := range slices.Chunk(texts, chunkSize) {
		chunks = append(chunks, chunk)
	}
	return chunks
}

// replace returns the texts after changes.
func (t textChunks) replace(c *changes) textChunks {
	if len(c.inserted) > 0 {
		return textsOf(c.clients)
	}
	t = slices.Clone(t)
	copied := -1
	for _, change := range c.list {
		chunk, at := change.position/chunkSize, change.position%chunkSize
		if chunk == len(t) {
			t = append(t, nil)
		}
		if chunk != copied {
			t[chunk], copied = slices.Clone(t[chunk]), chunk
		}
		if at == len(t[chunk]) {
			t[chunk] = append(t[chunk], "")
		}
		t[chunk][at] = change.now.search.text
	}
	return t
}

// bigrams are sets of clients, by the first byte of a pair, then by the second. Empty sets are nil.
type bigrams []*[256]*bitset

func (b bigrams) get(first, second byte) bitset {
	if page := b[first]; page != nil && page[second] != nil {
		return *page[second]
	}
	return bitset{}
}

func newSearchIndex(clients []*Client, pace *workPace) searchIndex {
	s := searchIndex{len(clients), textsOf(clients), make(bigrams, 256)}
	for i, client := range clients {
		text := client.search.text
		for at := 1; at < len(text); at++ {
			page := s.bigrams[text[at-1]]
			if page == nil {
				page = new([256]*bitset)
				s.bigrams[text[at-1]] = page
			}
			if page[text[at]] == nil {
				page[text[at]] = new(newBitset(len(clients)))
			}
			page[text[at]].add(i)
		}
		pace.step()
	}
	return s
}

// replace returns the index after changes. It shares the sets that did not change.
func (s searchIndex) replace(c *changes) searchIndex {
	next := bigramChanges{bigrams: slices.Clone(s.bigrams), size: len(c.clients), own: map[*bitset]bool{}}
	for _, position := range c.inserted {
		next.insert(position)
	}
	for _, change := range c.list {
		was, now := "", change.now.search.text
		if change.was != nil {
			was = change.was.search.text
		}
		if was != now {
			next.replace(change.position, was, now)
		}
	}
	return searchIndex{next.size, s.texts.replace(c), next.bigrams}
}

// bigramChanges are bigrams that are being changed. Pages and sets are copied before their first
// change.
type bigramChanges struct {
	bigrams
	size     int // of the directory
	ownPages [256]bool
	own      map[*bitset]bool
}

// replace replaces the text of the client at a position.
func (b *bigramChanges) replace(position int, was, now string) {
	for i := 1; i < len(was); i++ {
		if b.get(was[i-1], was[i]).has(position) && !strings.Contains(now, was[i-1:i+1]) {
			b.remove(was[i-1], was[i], position)
		}
	}
	for i := 1; i < len(now); i++ {
		if !b.get(now[i-1], now[i]).has(position) {
			b.set(now[i-1], now[i]).add(position)
		}
	}
}

func (b *bigramChanges) remove(first, second byte, position int) {
	set := b.set(first, second)
	set.remove(position)
	if set.isEmpty() {
		b.bigrams[first][second] = nil
	}
}

// insert makes room for a client at a position: in each set, the clients behind it move up.
func (b *bigramChanges) insert(position int) {
	for first, page := range b.bigrams {
		if page == nil {
			continue
		}
		for second, set := range page {
			if set != nil {
				b.set(byte(first), byte(second)).insert(position)
			}
		}
	}
}

// set returns a set that may be changed.
func (b *bigramChanges) set(first, second byte) *bitset {
	if !b.ownPages[first] {
		page := new([256]*bitset)
		if b.bigrams[first] != nil {
			*page = *b.bigrams[first]
		}
		b.bigrams[first], b.ownPages[first] = page, true
	}
	place := &b.bigrams[first][second]
	if !b.own[*place] {
		*place = new(b.get(first, second).resized(b.size))
		b.own[*place] = true
	}
	return *place
}
