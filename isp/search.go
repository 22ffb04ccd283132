package isp

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

const (
	maxSearchRunes = 200
	maxSearchWords = 16
)

// latin holds the folded form of the runes that nearly every text is made of.
var latin = func() (table [0x250]string) {
	for r := range table {
		table[r] = foldRune(rune(r))
	}
	return table
}()

// foldRune drops accents and case: á and Á give a, ñ gives n (who types a name seldom types its tilde), ß gives ss.
func foldRune(r rune) string {
	folded := cases.Fold().String(norm.NFD.String(string(r)))
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, folded)
}

// fold makes texts comparable: without regard to case and accents, composed or not, spaces trimmed and collapsed.
func fold(text string) string {
	var folded strings.Builder
	folded.Grow(len(text))
	gap := false
	for _, r := range text {
		if unicode.IsSpace(r) || r == 0 {
			gap = folded.Len() > 0
			continue
		}
		if gap {
			folded.WriteByte(' ')
			gap = false
		}
		if int(r) < len(latin) {
			folded.WriteString(latin[r])
		} else {
			folded.WriteString(foldRune(r))
		}
	}
	return folded.String()
}

// documentKey is a document as compared: folded, without the dots, commas and spaces that people put in.
func documentKey(document string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == ',' || r == ' ' || r == '\'' {
			return -1
		}
		return r
	}, fold(document))
}

// searchText holds the folded text of all clients in one string, which is faster to look through than one a client.
type searchText struct {
	text   string
	starts []int // where each client's text begins
}

// rowEnd stands between two clients' texts; fold never gives it, so that no word can match across.
const rowEnd = "\x00"

func newSearchText(clients []*Client) searchText {
	var text strings.Builder
	starts := make([]int, len(clients))
	for i, client := range clients {
		starts[i] = text.Len()
		writeSearchText(&text, client)
		text.WriteString(rowEnd)
	}
	return searchText{text.String(), starts}
}

func writeSearchText(text *strings.Builder, c *Client) {
	for _, field := range []string{c.Name, string(c.Document), string(c.Phone), string(c.Address), string(c.Username)} {
		text.WriteString(fold(field))
		text.WriteByte(' ')
	}
	text.WriteString(c.locality)
	for _, number := range c.Phones {
		text.WriteByte(' ')
		text.WriteString(number)
	}
	text.WriteByte(' ')
	text.WriteString(c.document)
}

// searchWord is a word that must be part of a text, in one of its spellings.
type searchWord []string

func (w searchWord) in(text string) bool {
	return slices.ContainsFunc(w, func(spelling string) bool { return strings.Contains(text, spelling) })
}

// searchWords splits what a caller looks for; none for blank text.
func (l locale) searchWords(query string) ([]searchWord, error) {
	if utf8.RuneCountInString(query) > maxSearchRunes {
		return nil, invalid("must be at most 200 characters", "search")
	}
	var words []searchWord
	for word := range strings.FieldsSeq(fold(query)) {
		words = append(words, l.spellings(word))
	}
	if len(words) > maxSearchWords {
		return nil, invalid("must be at most 16 words", "search")
	}
	// The longest word is in the fewest texts: it decides which texts are looked at for the others.
	slices.SortStableFunc(words, func(a, b searchWord) int { return cmp.Compare(len(b[0]), len(a[0])) })
	return words, nil
}

// spellings of a number are its digits alone and, of a phone, its digits without the country code.
func (l locale) spellings(word string) searchWord {
	spellings := searchWord{word}
	if number := digits(word); number != "" && strings.Trim(word, "+-.,()0123456789") == "" {
		spellings = append(spellings, number, l.nationalPhone(number))
	}
	slices.Sort(spellings)
	return slices.Compact(spellings)
}

// matches returns the set of clients whose text holds every word. No words match all.
func (s searchText) matches(words []searchWord) matchSet {
	if len(words) == 0 {
		return allOf(len(s.starts))
	}
	found := noneOf(len(s.starts))
	for _, spelling := range words[0] {
		s.each(spelling, func(row int, text string) {
			if !slices.ContainsFunc(words[1:], func(word searchWord) bool { return !word.in(text) }) {
				found.add(row)
			}
		})
	}
	return found
}

// each calls visit for every client whose text holds word.
func (s searchText) each(word string, visit func(row int, text string)) {
	row := 0
	for from := 0; from < len(s.text); {
		at := strings.Index(s.text[from:], word)
		if at < 0 {
			return
		}
		at += from
		row += sort.Search(len(s.starts)-row, func(i int) bool { return s.starts[row+i] > at }) - 1
		end := len(s.text)
		if row+1 < len(s.starts) {
			end = s.starts[row+1]
		}
		visit(row, s.text[s.starts[row]:end])
		from, row = end, row+1
	}
}
