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

// documentKey is a document as compared: folded, without the dots, commas, spaces, apostrophes and
// hyphens that people put in.
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

// searchIndex is the folded text of each client. The clients whose text holds two bytes side by side are known beforehand,
// which leaves few texts to look through.
type searchIndex struct {
	texts     []string
	names     []string // parts of texts, as addresses are
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

// bigramsOf yields the neighbours in text.
func bigramsOf(text string) iter.Seq[[2]byte] {
	return func(yield func([2]byte) bool) {
		for i := 1; i < len(text); i++ {
			if !yield([2]byte{text[i-1], text[i]}) {
				return
			}
		}
	}
}

// writeSearchText begins with the name, then the address, and returns where each ends.
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

// searchWord is a word that must be part of a text, in one of its spellings.
type searchWord []string

func (w searchWord) in(text string) bool {
	return slices.ContainsFunc(w, func(spelling string) bool { return strings.Contains(text, spelling) })
}

// searchWords splits what a caller looks for; none for blank text.
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
// how many words it takes; 0 for a phone in a single word, or none.
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

// spellings of a number are its digits alone, its digits as a document has them and, of a phone, its
// national form. A WhatsApp address is the phone in it, too. A group of a phone is the whole phone,
// too, whose forms are given.
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

// match returns the set of clients whose text holds every word. No words match all.
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

// candidates returns the clients whose text has all pairs of the word, though perhaps apart.
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
