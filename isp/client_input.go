package isp

import (
	"fmt"
	"strings"

	"wisphub-graphql/isp/text"

	"github.com/shopspring/decimal"
)

var maxBalance = decimal.New(1, MaxBalanceDigits)

// profileText is a text of an [UpdateClientInput]. WispHub decides about its form: real records have
// documents such as 77, and phones such as 300123 or "no tiene".
type profileText struct {
	field string
	given *string
	// kept reports whether a client has the text now. It is nil for names, of which a row has the whole alone.
	kept func(text string, before, after *Client) bool
}

func (i *UpdateClientInput) texts() []profileText {
	return []profileText{
		{"name", i.Name, nil},
		{"lastName", i.LastName, nil},
		{"document", i.Document, keepsDocument},
		{"phone", i.Phone, keepsPhone},
		{"address", i.Address, keeps(func(c *Client) Text { return c.Address })},
		{"locality", i.Locality, keeps(func(c *Client) Text { return c.Locality })},
		{"city", i.City, keeps(func(c *Client) Text { return c.City })},
	}
}

// trim cuts spaces around texts.
func (i *UpdateClientInput) trim() {
	for _, text := range []**string{&i.Name, &i.LastName, &i.Document, &i.Phone, &i.Address, &i.Locality, &i.City} {
		if *text != nil {
			*text = new(strings.TrimSpace(**text))
		}
	}
}

// Check says all that is wrong with the input by itself. It is never nil.
func (i *UpdateClientInput) Check() []*UserError { return i.check() }

func (i *UpdateClientInput) check() userErrors {
	wrong := userErrors{}
	if i.ServiceID < 1 {
		wrong.add(CodeInvalid, "Must be 1 or more.", "input", "serviceId")
	}
	nothing := i.Balance == nil
	for _, given := range i.texts() {
		if given.given == nil {
			continue
		}
		nothing = false
		if message := text.Check(*given.given, MaxProfileText, false); message != "" {
			wrong.add(CodeInvalid, message, "input", given.field)
		}
	}
	if nothing {
		wrong.add(CodeRequired, "Nothing to change was given.")
	}
	if i.Name != nil && text.IsBlank(*i.Name) {
		wrong.add(CodeRequired, "A client must have a name.", "input", "name")
	}
	if i.Balance != nil && !isBalance(*i.Balance) {
		wrong.add(CodeInvalid, fmt.Sprintf("Must be an amount of at most %d digits and two decimals.", MaxBalanceDigits), "input", "balance")
	}
	return wrong
}

func isBalance(d Decimal) bool {
	return !d.IsZero() && d.value.Equal(d.value.Truncate(2)) && d.value.Abs().LessThan(maxBalance)
}
