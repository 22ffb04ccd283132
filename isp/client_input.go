package isp

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"wisphub-graphql/isp/text"
)

var maxBalance = decimal.New(1, MaxBalanceDigits)

// profileText is a text of an [UpdateClientInput]. WispHub decides about its form: real records have
// documents such as 77, and phones such as 300123 or "no tiene".
type profileText struct {
	field string
	given *string
	of    func(c *Client) string // what a record has, for the names the whole name
	// applied reports whether the client has the text after the write. It is nil for first and last
	// names, because a row has only the whole name.
	applied func(text string, before, after *Client) bool
}

// texts returns the texts of the input. The place decides how phone numbers are read.
func (i *UpdateClientInput) texts(where locale) []profileText {
	return []profileText{
		{"name", i.Name, clientName, nil},
		{"lastName", i.LastName, clientName, nil},
		{"document", i.Document, func(c *Client) string { return string(c.Document) }, documentApplied},
		{"phone", i.Phone, func(c *Client) string { return string(c.Phone) }, where.phoneApplied},
		{"address", i.Address, clientAddress, textApplied(clientAddress)},
		{"locality", i.Locality, clientLocality, textApplied(clientLocality)},
		{"city", i.City, clientCity, textApplied(clientCity)},
	}
}

func clientName(c *Client) string     { return c.Name }
func clientAddress(c *Client) string  { return string(c.Address) }
func clientLocality(c *Client) string { return string(c.Locality) }
func clientCity(c *Client) string     { return string(c.City) }

// trim removes spaces around texts.
func (i *UpdateClientInput) trim() {
	for _, text := range []**string{&i.Name, &i.LastName, &i.Document, &i.Phone, &i.Address, &i.Locality, &i.City} {
		if *text != nil {
			*text = new(strings.TrimSpace(**text))
		}
	}
}

// Check returns all mistakes that the input alone shows. It is never nil.
func (i *UpdateClientInput) Check() []*UserError { return i.check() }

func (i *UpdateClientInput) check() userErrors {
	wrong := userErrors{}
	if i.ServiceID < 1 {
		wrong.add(CodeInvalid, "Must be 1 or more.", "input", "serviceId")
	}
	nothing := i.Balance == nil
	for _, field := range i.texts(locale{}) {
		if field.given == nil {
			continue
		}
		nothing = false
		if message := text.Check(*field.given, MaxProfileText, false); message != "" {
			wrong.add(CodeInvalid, message, "input", field.field)
		}
		if strings.ContainsAny(*field.given, "<>") { // escaped, it would be printed on invoices
			wrong.add(CodeInvalid, "Must not hold < or >.", "input", field.field)
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
	return !d.IsZero() && d.Value().Equal(d.Value().Truncate(2)) && d.Value().Abs().LessThan(maxBalance)
}
