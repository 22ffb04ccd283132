package isp

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"wisphub-graphql/isp/text"
)

const (
	maxClaimRunes = 200
	// minClaimFields is how many fields a claim must give.
	minClaimFields = 3
)

// claim is an [IdentityClaim] that has been checked.
type claim struct {
	texts assertions
	price assertions   // one, none when no price was given
	words []searchWord // parts of the search text of whoever the claim fits
}

// identity is what is known of a client, as claims are compared with it. Texts are folded.
type identity struct {
	name, address, plan string
	price               Decimal // no amount when nobody knows it
}

// assertions are given fields, in the order of the fields.
type assertions []assertion

type assertion struct {
	field IdentityField
	holds func(of identity) bool
}

// claim refuses what cannot be meant, and what is too little to know somebody by.
func (q IdentityClaim) claim() (*claim, error) {
	c := &claim{}
	name, err := claimed(q.Name, "name")
	if err != nil {
		return nil, err
	}
	address, err := claimed(q.Address, "address")
	if err != nil {
		return nil, err
	}
	plan, err := claimed(q.PlanName, "planName")
	if err != nil {
		return nil, err
	}
	c.say(IdentityName, name, func(of identity) string { return of.name })
	c.say(IdentityAddress, address, func(of identity) string { return of.address })
	c.say(IdentityPlanName, plan, func(of identity) string { return of.plan })
	for _, text := range []string{name, address} {
		if text != "" {
			c.words = append(c.words, searchWord{text})
		}
	}
	if q.PlanPrice != nil && !q.PlanPrice.IsZero() {
		c.price = assertions{{IdentityPlanPrice, near(q.PlanPrice.value)}}
	}
	if len(c.fields()) < minClaimFields {
		return nil, invalid("must have at least three of name, address, planName and planPrice", "claim")
	}
	return c, nil
}

// say adds a text that must be part of the client's.
func (c *claim) say(field IdentityField, text string, part func(of identity) string) {
	if text != "" {
		c.texts = append(c.texts, assertion{field, func(of identity) bool { return strings.Contains(part(of), text) }})
	}
}

// near: the price differs by less than 1. A price that nobody knows is near none.
func near(claimed decimal.Decimal) func(of identity) bool {
	one := decimal.New(100, -2) // with two decimals, as prices have: numbers alike are compared without making another
	low, high := claimed.Sub(one), claimed.Add(one)
	return func(of identity) bool {
		return !of.price.IsZero() && of.price.value.GreaterThan(low) && of.price.value.LessThan(high)
	}
}

func (c *claim) priced() bool { return len(c.price) > 0 }

// fields are those that were given.
func (c *claim) fields() []IdentityField {
	fields := make([]IdentityField, 0, len(c.texts)+len(c.price))
	for _, assertion := range slices.Concat(c.texts, c.price) {
		fields = append(fields, assertion.field)
	}
	return fields
}

// matched returns the given fields that hold.
func (c *claim) matched(of identity) []IdentityField {
	matched := []IdentityField{}
	for _, assertion := range slices.Concat(c.texts, c.price) {
		if assertion.holds(of) {
			matched = append(matched, assertion.field)
		}
	}
	return matched
}

func (a assertions) hold(of identity) bool {
	return !slices.ContainsFunc(a, func(assertion assertion) bool { return !assertion.holds(of) })
}

// claimed returns a claim's text as it is compared, "" when it says nothing.
func claimed(said *string, field string) (string, error) {
	given := textOf(said)
	switch {
	case utf8.RuneCountInString(given) > maxClaimRunes:
		return "", invalid("must be at most 200 characters", "claim", field)
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
