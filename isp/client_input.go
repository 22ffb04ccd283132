package isp

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"wisphub-graphql/isp/phone"
	"wisphub-graphql/isp/text"
)

var (
	// documentForm matches documents of Latin America: 1.000.000.001, 900123456-7, AB 12345.
	documentForm = regexp.MustCompile(`^[\pL\pN][\pL\pN .,/'-]*$`)
	phoneForm    = regexp.MustCompile(`^[0-9+().,;/\s-]*$`)
	maxBalance   = decimal.New(1, MaxBalanceDigits)
)

// profileText is a text of an [UpdateClientInput].
type profileText struct {
	field string
	given *string
	// check returns what is wrong with a text that is not empty. It is nil if any text is valid.
	check func(text string) string
	// applied reports whether the client has the text after the write. It is nil for first and last
	// names, because a row has only the whole name.
	applied func(text string, before, after *Client) bool
}

func (i *UpdateClientInput) texts() []profileText {
	return []profileText{
		{"name", i.Name, nil, nil},
		{"lastName", i.LastName, nil, nil},
		{"document", i.Document, checkDocument, documentApplied},
		{"phone", i.Phone, checkPhone, phoneApplied},
		{"address", i.Address, nil, textApplied(func(c *Client) Text { return c.Address })},
		{"locality", i.Locality, nil, textApplied(func(c *Client) Text { return c.Locality })},
		{"city", i.City, nil, textApplied(func(c *Client) Text { return c.City })},
	}
}

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
	for _, text := range i.texts() {
		if text.given == nil {
			continue
		}
		nothing = false
		if message := text.mistake(); message != "" {
			wrong.add(CodeInvalid, message, "input", text.field)
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

func (t profileText) mistake() string {
	message := text.Check(*t.given, MaxProfileText, false)
	if message == "" && *t.given != "" && t.check != nil {
		message = t.check(*t.given)
	}
	return message
}

func isBalance(d Decimal) bool {
	return !d.IsZero() && d.value.Equal(d.value.Truncate(2)) && d.value.Abs().LessThan(maxBalance)
}

func checkDocument(text string) string {
	n := len([]rune(documentKey(text)))
	if n < MinDocument || n > MaxDocument || !documentForm.MatchString(text) {
		return fmt.Sprintf("Must be a document of %d to %d letters and digits.", MinDocument, MaxDocument)
	}
	return ""
}

// checkPhone accepts several numbers, because the records have several.
func checkPhone(text string) string {
	phones := phone.Split(text)
	malformed := func(number string) bool { return len(number) < phone.MinDigits || len(number) > phone.MaxDigits }
	if !phoneForm.MatchString(text) || len(phones) == 0 || slices.ContainsFunc(phones, malformed) {
		return fmt.Sprintf("Must be one or more phone numbers of %d to %d digits, joined by commas.", phone.MinDigits, phone.MaxDigits)
	}
	return ""
}
