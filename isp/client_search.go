package isp

import (
	"fmt"
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

// searchText is what a search looks for in a client, folded: name, address, document, phone,
// username, locality, and the numbers and the document as they are compared.
type searchText struct {
	text                string
	nameEnd, addressEnd int32
}

func (t searchText) name() string { return t.text[:t.nameEnd] }

func (t searchText) address() string { return t.text[t.nameEnd+1 : t.addressEnd] }

// setSearchText writes the client's search text into the block, and the keys that are parts of it.
func (v *converter) setSearchText(c *Client) {
	line := text.AppendFold(v.block.bytes, c.Name)
	name := len(line)
	field := func(value string) (from, to int) {
		line = append(line, ' ')
		from = len(line)
		line = text.AppendFold(line, value)
		return from, len(line)
	}
	_, address := field(string(c.Address))
	field(string(c.Document))
	field(string(c.Phone))
	username, usernameEnd := field(string(c.Username))
	line = append(append(line, ' '), c.locality...)
	for _, number := range c.Phones {
		line = append(append(line, ' '), number...)
		if national := v.nationalPhone(number); !strings.HasSuffix(number, national) {
			line = append(append(line, ' '), national...) // of another country, without the digit that WhatsApp adds
		}
	}
	line = append(line, ' ')
	document := len(line)
	v.block.bytes = append(line, documentKey(string(c.Document))...)
	c.search.nameEnd, c.search.addressEnd = int32(name), int32(address)
	v.block.place(&c.search.text, 0, len(v.block.bytes))
	v.block.place(&c.username, username, usernameEnd)
	v.block.place(&c.document, document, len(v.block.bytes))
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
	found := fullBitset(s.size)
	for _, word := range words {
		found.intersect(s.candidates(word))
	}
	for _, word := range words {
		found.filter(func(i int) bool { return word.in(s.texts.at(i)) })
	}
	return found
}

// candidates returns the clients that have all bigrams of the word, in any order.
func (s searchIndex) candidates(word searchWord) bitset {
	found := newBitset(s.size)
	for _, spelling := range word {
		with := fullBitset(s.size)
		for i := 1; i < len(spelling); i++ {
			with.intersect(s.bigrams.get(spelling[i-1], spelling[i]))
		}
		found.union(with)
	}
	return found
}
