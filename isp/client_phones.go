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

// phoneQuery reads the number that a caller looks for.
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

// withPhone keeps the clients that have the number: whole where a client has it whole, else as the
// last digits of a number. Two whole numbers must be equal.
func (l locale) withPhone(clients []*Client, number string) []*Client {
	partial := len(number) >= phone.MinDigits
	wholeNumber := l.isWholePhone(number)
	var whole, partly []*Client
	for _, client := range clients {
		switch {
		case slices.ContainsFunc(client.Phones, func(phone string) bool { return l.nationalPhone(phone) == number }):
			whole = append(whole, client)
		case partial && slices.ContainsFunc(client.Phones, func(phone string) bool {
			return strings.HasSuffix(phone, number) && !(wholeNumber && l.isWholePhone(phone))
		}):
			partly = append(partly, client)
		}
	}
	if len(whole) > 0 {
		return whole
	}
	return partly
}
