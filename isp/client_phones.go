package isp

import (
	"fmt"
	"slices"
	"strings"

	"wisphub-graphql/isp/phone"
)

// nationalPhone returns a number without the provider's own country code.
func (l locale) nationalPhone(number string) string { return phone.National(l.countryCode, number) }

// phoneQuery validates and normalizes the number that a caller looks for.
func (l locale) phoneQuery(text string) (string, error) {
	number := l.nationalPhone(phone.Digits(text))
	if len(number) < phone.MinDigits || len(number) > phone.MaxDigits {
		return "", invalid(fmt.Sprintf("must be a phone number of %d to %d digits", phone.MinDigits, phone.MaxDigits), "by", "phone")
	}
	return number, nil
}

// withPhone returns the clients whose whole number is the given one. If there are none, it
// returns the clients whose number ends with it.
func (l locale) withPhone(clients []*Client, number string) []*Client {
	var exact, bySuffix []*Client
	for _, client := range clients {
		switch {
		case slices.ContainsFunc(client.Phones, func(own string) bool { return l.nationalPhone(own) == number }):
			exact = append(exact, client)
		case slices.ContainsFunc(client.Phones, func(own string) bool { return strings.HasSuffix(own, number) }):
			bySuffix = append(bySuffix, client)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return bySuffix
}
