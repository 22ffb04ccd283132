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

// parse is an [IdentityClaim] that has been checked.
type claim struct {
	texts claimedFields
	price claimedFields // one, none when no price was given
	words []searchWord  // parts of the search text of whoever the claim fits
}

// clientIdentity is what is known of a client, as claims are compared with it. Texts are folded.
type clientIdentity struct {
	name, address, plan string
	price               Decimal // no amount when nobody knows it
}

// claimedFields are given fields, in the order of the fields.
type claimedFields []claimedField

type claimedField struct {
	field   IdentityField
	matches func(of clientIdentity) bool
}

// parse refuses what cannot be meant, and what is too little to know somebody by.
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

// addWords adds a text each of whose words must be part of a word of the client's, as in a search.
func (c *claim) addWords(field IdentityField, text string, part func(of clientIdentity) string) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return
	}
	c.texts = append(c.texts, claimedField{field, func(of clientIdentity) bool {
		whole := part(of)
		return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(whole, word) })
	}})
}

// addText adds a text that must be part of the client's.
func (c *claim) addText(field IdentityField, text string, part func(of clientIdentity) string) {
	if text != "" {
		c.texts = append(c.texts, claimedField{field, func(of clientIdentity) bool { return strings.Contains(part(of), text) }})
	}
}

// priceReadings returns the amounts that a price may mean. People write 65.000 for 65,000, which the
// Decimal scalar reads as 65 with three decimals.
func priceReadings(price Decimal) []decimal.Decimal {
	if price.value.Exponent() != -3 || price.value.Abs().GreaterThanOrEqual(decimal.New(1000, 0)) {
		return []decimal.Decimal{price.value}
	}
	return []decimal.Decimal{price.value, price.value.Shift(3)}
}

// withinOne: the price differs by less than 1 from one of those claimed. An unknown price is near
// none.
func withinOne(claimed []decimal.Decimal) func(of clientIdentity) bool {
	one := decimal.New(100, -2) // with two decimals, as prices have: numbers alike are compared without making another
	type span struct{ low, high decimal.Decimal }
	spans := make([]span, len(claimed))
	for i, price := range claimed {
		spans[i] = span{price.Sub(one), price.Add(one)}
	}
	return func(of clientIdentity) bool {
		return !of.price.IsZero() && slices.ContainsFunc(spans, func(near span) bool {
			return of.price.value.GreaterThan(near.low) && of.price.value.LessThan(near.high)
		})
	}
}

func (c *claim) hasPrice() bool { return len(c.price) > 0 }

// givenFields are those that were given.
func (c *claim) givenFields() []IdentityField {
	fields := make([]IdentityField, 0, len(c.texts)+len(c.price))
	for _, assertion := range slices.Concat(c.texts, c.price) {
		fields = append(fields, assertion.field)
	}
	return fields
}

// matchedFields returns the given fields that hold.
func (c *claim) matchedFields(of clientIdentity) []IdentityField {
	matched := []IdentityField{}
	for _, assertion := range slices.Concat(c.texts, c.price) {
		if assertion.matches(of) {
			matched = append(matched, assertion.field)
		}
	}
	return matched
}

func (a claimedFields) matchAll(of clientIdentity) bool {
	return !slices.ContainsFunc(a, func(assertion claimedField) bool { return !assertion.matches(of) })
}

// claimText returns a claim's text as it is compared, "" when it says nothing.
func claimText(said *string, field string) (string, error) {
	given := textOf(said)
	switch {
	case utf8.RuneCountInString(given) > MaxClaimText:
		return "", invalid(fmt.Sprintf("must be at most %d characters", MaxClaimText), "claim", field)
	case strings.ContainsFunc(given, unicode.IsControl):
		return "", invalid("must not hold control characters", "claim", field)
	}
	given = withoutPlaceWord(text.Fold(given))
	if !strings.ContainsFunc(given, isLetterOrNumber) {
		return "", nil // it would be part of anybody's
	}
	return given, nil
}

// placeWords are what people write before the name of a place, and offices in another way.
var placeWords = []string{"v/", "vda/", "vereda", "barrio", "b/"}

// withoutPlaceWord drops a leading place word from a folded text. Veredas and barrios are other words.
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
