package isp

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"wisphub-graphql/isp/text"
)

// claim is an [IdentityClaim] that was validated and folded.
type claim struct {
	texts claimedFields
	price claimedFields // one, or none without a price
	words []searchWord  // every matching client contains them
}

// clientIdentity is what claims are compared with. Texts are folded.
type clientIdentity struct {
	name, address, plan string
	price               Decimal // no amount if unknown
}

// claimedFields are the fields that a claim gives, in the order of the constants.
type claimedFields []claimedField

type claimedField struct {
	field   IdentityField
	matches func(of clientIdentity) bool
}

// parse refuses invalid claims, and claims with too few fields.
func (q IdentityClaim) parse() (*claim, error) {
	c := &claim{}
	name, err := claimText(q.Name, "name")
	if err != nil {
		return nil, err
	}
	address, err := claimText(q.Address, "address")
	if err != nil {
		return nil, err
	}
	plan, err := claimText(q.PlanName, "planName")
	if err != nil {
		return nil, err
	}
	c.addWords(IdentityName, name, func(of clientIdentity) string { return of.name })
	c.addText(IdentityAddress, address, func(of clientIdentity) string { return of.address })
	c.addText(IdentityPlanName, plan, func(of clientIdentity) string { return of.plan })
	for _, word := range strings.Fields(name) {
		c.words = append(c.words, searchWord{word})
	}
	if address != "" {
		c.words = append(c.words, searchWord{address})
	}
	if q.PlanPrice != nil && !q.PlanPrice.IsZero() {
		c.price = claimedFields{{IdentityPlanPrice, withinOne(priceReadings(*q.PlanPrice))}}
	}
	if len(c.givenFields()) < MinClaimFields {
		return nil, invalid("must have at least three of name, address, planName and planPrice", "claim")
	}
	return c, nil
}

// addWords adds a text each of whose words must be part of a word of the client's, as in a search. A
// word of one letter must begin a word, as an initial does. A text of such words alone must be
// the client's whole text, because it would fit many.
func (c *claim) addWords(field IdentityField, text string, part func(of clientIdentity) string) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return
	}
	telling := slices.ContainsFunc(words, isLong)
	c.texts = append(c.texts, claimedField{field, func(of clientIdentity) bool {
		whole := part(of)
		if !telling {
			return text == withoutPlaceWord(whole)
		}
		return !slices.ContainsFunc(words, func(word string) bool { return !hasWord(whole, word) })
	}})
}

func hasWord(whole, word string) bool {
	if isLong(word) {
		return strings.Contains(whole, word)
	}
	return strings.HasPrefix(whole, word) || strings.Contains(whole, " "+word)
}

// isLong reports whether a word has at least two letters or digits.
func isLong(word string) bool {
	n := 0
	for _, r := range word {
		if isLetterOrNumber(r) {
			n++
		}
	}
	return n > 1
}

// addText adds a text that the client's text must contain.
func (c *claim) addText(field IdentityField, text string, part func(of clientIdentity) string) {
	if text != "" {
		c.texts = append(c.texts, claimedField{field, func(of clientIdentity) bool { return strings.Contains(part(of), text) }})
	}
}

// priceReadings returns the amounts that a price may mean. People write 65.000 for 65,000, which the
// Decimal scalar reads as 65 with three decimals.
func priceReadings(price Decimal) []decimal.Decimal {
	if price.Value().Exponent() != -3 || price.Value().Abs().GreaterThanOrEqual(decimal.New(1000, 0)) {
		return []decimal.Decimal{price.Value()}
	}
	return []decimal.Decimal{price.Value(), price.Value().Shift(3)}
}

// withinOne accepts prices that differ by less than 1 from one of those claimed. It refuses
// unknown prices.
func withinOne(claimed []decimal.Decimal) func(of clientIdentity) bool {
	one := decimal.New(100, -2) // two decimals like prices: comparing equal exponents allocates nothing
	type span struct{ low, high decimal.Decimal }
	spans := make([]span, len(claimed))
	for i, price := range claimed {
		spans[i] = span{price.Sub(one), price.Add(one)}
	}
	return func(of clientIdentity) bool {
		return !of.price.IsZero() && slices.ContainsFunc(spans, func(near span) bool {
			return of.price.Value().GreaterThan(near.low) && of.price.Value().LessThan(near.high)
		})
	}
}

func (c *claim) hasPrice() bool { return len(c.price) > 0 }

// givenFields lists the fields that the claim gives.
func (c *claim) givenFields() []IdentityField {
	fields := make([]IdentityField, 0, len(c.texts)+len(c.price))
	for _, given := range slices.Concat(c.texts, c.price) {
		fields = append(fields, given.field)
	}
	return fields
}

// matchedFields lists the given fields that match. It is never nil.
func (c *claim) matchedFields(of clientIdentity) []IdentityField {
	matched := []IdentityField{}
	for _, given := range slices.Concat(c.texts, c.price) {
		if given.matches(of) {
			matched = append(matched, given.field)
		}
	}
	return matched
}

// matchAll reports whether all fields match the client.
func (a claimedFields) matchAll(of clientIdentity) bool {
	return !slices.ContainsFunc(a, func(given claimedField) bool { return !given.matches(of) })
}

// claimText validates and folds a text of a claim. It returns "" for text without letters or
// digits.
func claimText(input *string, field string) (string, error) {
	given := orEmpty(input)
	switch {
	case utf8.RuneCountInString(given) > MaxClaimText:
		return "", invalid(fmt.Sprintf("must be at most %d characters", MaxClaimText), "claim", field)
	case strings.ContainsFunc(given, unicode.IsControl):
		return "", invalid("must not hold control characters", "claim", field)
	}
	given = withoutPlaceWord(text.Fold(given))
	if !strings.ContainsFunc(given, isLetterOrNumber) {
		return "", nil // every client's text might contain it
	}
	return given, nil
}

// placeWords are words that users write before the name of a place and offices write
// differently.
var placeWords = []string{"v/", "vda/", "vereda", "barrio", "b/"}

// withoutPlaceWord drops a leading place word from a folded text. Plurals (veredas, barrios)
// stay.
func withoutPlaceWord(text string) string {
	for _, word := range placeWords {
		rest, found := strings.CutPrefix(text, word)
		next, _ := utf8.DecodeRuneInString(rest)
		if found && (strings.HasSuffix(word, "/") || rest == "" || !isLetterOrNumber(next)) {
			return strings.TrimSpace(rest)
		}
	}
	return text
}

func isLetterOrNumber(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
