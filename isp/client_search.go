package isp

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"wisphub-graphql/isp/phone"
	"wisphub-graphql/isp/text"
)

// documentKey normalizes a document: folded, without dots, commas, spaces, apostrophes and hyphens.
func documentKey(document string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '.', r == ' ', r == ',', r == '\'', r == '-', r == '\u00ad', r == '\u2212':
			return -1
		case r >= utf8.RuneSelf && unicode.Is(unicode.Pd, r):
			return -1
		}
		return r
	}, text.Fold(document))
}

// searchIndex holds the folded text of each client. For each pair of neighbouring bytes it knows
// the clients whose text contains it, so a search reads few texts.
type searchIndex struct {
	texts     []string
	names     []string // substrings of texts, like addresses
	addresses []string
	bigrams   map[[2]byte]bitset
}

func (l locale) newSearchIndex(clients []*Client) searchIndex {
	s := searchIndex{
		texts: make([]string, len(clients)), names: make([]string, len(clients)), addresses: make([]string, len(clients)),
		bigrams: map[[2]byte]bitset{},
	}
	var value strings.Builder
	for i, client := range clients {
		value.Reset()
		name, address := l.writeSearchText(&value, client)
		s.texts[i] = value.String()
		s.names[i], s.addresses[i] = s.texts[i][:name], s.texts[i][name+1:address]
		for pair := range bigramsOf(s.texts[i]) {
			set, known := s.bigrams[pair]
			if !known {
				set = newBitset(len(clients))
				s.bigrams[pair] = set
			}
			set.add(i)
		}
	}
	return s
}

// bigramsOf yields each pair of neighbouring bytes.
func bigramsOf(text string) iter.Seq[[2]byte] {
	return func(yield func([2]byte) bool) {
		for i := 1; i < len(text); i++ {
			if !yield([2]byte{text[i-1], text[i]}) {
				return
			}
		}
	}
}

// writeSearchText writes a client's text: name, address, then the rest. It returns where name
// and address end.
func (l locale) writeSearchText(value *strings.Builder, c *Client) (name, address int) {
	value.WriteString(text.Fold(c.Name))
	name = value.Len()
	value.WriteByte(' ')
	value.WriteString(text.Fold(string(c.Address)))
	address = value.Len()
	for _, field := range []Text{c.Document, c.Phone, c.Username} {
		value.WriteByte(' ')
		value.WriteString(text.Fold(string(field)))
	}
	value.WriteByte(' ')
	value.WriteString(c.locality)
	for _, number := range c.Phones {
		value.WriteByte(' ')
		value.WriteString(number)
		if national := l.nationalPhone(number); !strings.HasSuffix(number, national) {
			value.WriteByte(' ')
			value.WriteString(national) // of another country, without the digit that WhatsApp adds
		}
	}
	value.WriteByte(' ')
	value.WriteString(c.document)
	return name, address
}

// searchWord is a word to find, in one or more spellings.
type searchWord []string

func (w searchWord) in(text string) bool {
	return slices.ContainsFunc(w, func(spelling string) bool { return strings.Contains(text, spelling) })
}

// searchWords splits a search into words. It returns none for blank text.
func (l locale) searchWords(query string) ([]searchWord, error) {
	if utf8.RuneCountInString(query) > MaxSearchText {
		return nil, invalid(fmt.Sprintf("must be at most %d characters", MaxSearchText), "search")
	}
	typed := strings.Fields(text.Fold(query))
	if len(typed) > MaxSearchWords {
		return nil, invalid("must be at most 16 words", "search")
	}
	var words []searchWord
	for len(typed) > 0 {
		forms, taken := l.leadingPhone(typed)
		for _, word := range typed[:max(taken, 1)] {
			words = append(words, l.spellings(word, forms))
		}
		typed = typed[max(taken, 1):]
	}
	return words, nil
}

// leadingPhone returns the forms of the phone that words begin with, such as +57 300 000 0001, and
// how many words it takes: 0 for a phone in a single word, or for none.
func (l locale) leadingPhone(words []string) (forms []string, taken int) {
	number := ""
	for i, word := range words {
		if number += phone.Digits(word); !isNumber(word) || len(number) > phone.MaxDigits {
			break
		}
		if national, whole := l.countryCode.National(number); i > 0 && (whole || national != number) {
			forms, taken = []string{number, national}, i+1
		}
	}
	return forms, taken
}

func isNumber(word string) bool {
	return phone.Digits(word) != "" && strings.Trim(word, "+-.,()0123456789") == ""
}

// spellings returns the spellings of a word. For a number these are its digits, its document key and
// its national form. A WhatsApp address also has those of its phone. A word within a phone also has
// the given forms of the whole phone.
func (l locale) spellings(word string, forms []string) searchWord {
	spellings := append(searchWord{word}, forms...)
	if isNumber(word) {
		number := phone.Digits(word)
		spellings = append(spellings, number, documentKey(word), l.nationalPhone(number))
	} else if numbers := l.phonesIn(word); strings.Contains(word, "@") && len(numbers) == 1 && l.isWholePhone(numbers[0]) {
		spellings = append(spellings, l.nationalPhone(numbers[0]))
	}
	slices.Sort(spellings)
	return slices.Compact(spellings)
}

// match returns the clients whose text contains every word. No words match all clients.
func (s searchIndex) match(words []searchWord) bitset {
	found := fullBitset(len(s.texts))
	for _, word := range words {
		found.intersect(s.candidates(word))
	}
	for _, word := range words {
		found.filter(func(i int) bool { return word.in(s.texts[i]) })
	}
	return found
}

// candidates returns the clients that have all bigrams of the word, in any order.
func (s searchIndex) candidates(word searchWord) bitset {
	found := newBitset(len(s.texts))
	for _, spelling := range word {
		with := fullBitset(len(s.texts))
		for pair := range bigramsOf(spelling) {
			with.intersect(s.bigrams[pair])
		}
		found.union(with)
	}
	return found
}
