package isp

import (
	"fmt"
	"slices"
	"strings"

	"wisphub-graphql/isp/phone"
	"wisphub-graphql/isp/text"
)

// phonesIn returns the numbers in a free text, digits only. It is never nil.
func (l locale) phonesIn(free string) []string { return l.countryCode.Split(text.Visible(free)) }

// nationalPhone returns a number as it is compared.
func (l locale) nationalPhone(number string) string {
	national, _ := l.countryCode.National(number)
	return national
}

// phoneQuery validates and normalizes the number that a caller looks for.
func (l locale) phoneQuery(asked string) (string, error) {
	numbers := l.phonesIn(asked)
	if joined := strings.Join(numbers, ""); len(numbers) > 1 && l.isWholePhone(joined) {
		numbers = []string{joined} // such as 57/3000000001
	}
	if len(numbers) != 1 {
		return "", invalid(fmt.Sprintf("must be one phone number of at most %d digits", phone.MaxDigits), "by", "phone")
	}
	return l.nationalPhone(numbers[0]), nil
}

func (l locale) isWholePhone(number string) bool {
	_, whole := l.countryCode.National(number)
	return whole && len(number) <= phone.MaxDigits
}

// withPhone returns the clients whose whole number is the given one. If there are none, it
// returns the clients whose number ends with it. Two whole numbers must be equal.
func (l locale) withPhone(clients []*Client, number string) []*Client {
	partial := len(number) >= phone.MinDigits
	wholeNumber := l.isWholePhone(number)
	var exact, bySuffix []*Client
	for _, client := range clients {
		switch {
		case slices.ContainsFunc(client.Phones, func(own string) bool { return l.nationalPhone(own) == number }):
			exact = append(exact, client)
		case partial && slices.ContainsFunc(client.Phones, func(own string) bool {
			return strings.HasSuffix(own, number) && !(wholeNumber && l.isWholePhone(own))
		}):
			bySuffix = append(bySuffix, client)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return bySuffix
}
