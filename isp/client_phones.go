package isp

import (
	"fmt"
	"slices"
	"strings"
	"wisphub-graphql/isp/phone"
)

// nationalPhone returns a number without the provider's own country code.
func (l locale) nationalPhone(number string) string { return phone.National(l.countryCode, number) }

// phoneQuery reads the number that a caller looks for.
func (l locale) phoneQuery(text string) (string, error) {
	number := l.nationalPhone(phone.Digits(text))
	if len(number) < phone.MinDigits || len(number) > phone.MaxDigits {
		return "", invalid(fmt.Sprintf("must be a phone number of %d to %d digits", phone.MinDigits, phone.MaxDigits), "by", "phone")
	}
	return number, nil
}

// withPhone keeps the clients that have the number: whole where somebody has it whole, else as their last digits.
func (l locale) withPhone(clients []*Client, number string) []*Client {
	var whole, partly []*Client
	for _, client := range clients {
		switch {
		case slices.ContainsFunc(client.Phones, func(phone string) bool { return l.nationalPhone(phone) == number }):
			whole = append(whole, client)
		case slices.ContainsFunc(client.Phones, func(phone string) bool { return strings.HasSuffix(phone, number) }):
			partly = append(partly, client)
		}
	}
	if len(whole) > 0 {
		return whole
	}
	return partly
}
