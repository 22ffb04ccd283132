package isp

import (
	"html"
	"slices"
	"strings"

	"wisphub-graphql/isp/phone"
	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// WispHub answers success to what it does not keep (wisphub-net-api §2.7), so what is read afterwards decides.

// notApplied names the fields whose values did not stick. Profile is nil when the parts of a name are not known. It is never nil.
func (i *UpdateClientInput) notApplied(before, after *Client, profile *wisphub.Profile) userErrors {
	wrong := userErrors{}
	add := func(field string) {
		wrong.add(CodeNotApplied, "WispHub answered success, but a fresh read shows another value.", "input", field)
	}
	for _, text := range i.texts() {
		if text.given != nil && text.kept != nil && !text.kept(*text.given, before, after) {
			add(text.field)
		}
	}
	if i.Balance != nil && (after.Balance.IsZero() || i.Balance.Compare(after.Balance) != 0) {
		add("balance")
	}
	for _, field := range i.namesNotApplied(before, after, profile) {
		add(field)
	}
	return wrong
}

// namesNotApplied compares the parts of a name where they are known, and the whole otherwise.
func (i *UpdateClientInput) namesNotApplied(before, after *Client, profile *wisphub.Profile) (fields []string) {
	given, family := wholeName(before, after, strings.HasPrefix), wholeName(before, after, strings.HasSuffix)
	if profile != nil {
		given, family = partOfName(before, after, profile.Name), partOfName(before, after, profile.LastName)
	}
	if i.Name != nil && !given(*i.Name) {
		fields = append(fields, "name")
	}
	if i.LastName != nil && !family(*i.LastName) {
		fields = append(fields, "lastName")
	}
	return fields
}

// partOfName compares with a part as it is now. What it was is not known, but that the whole has changed is.
func partOfName(before, after *Client, part wisphub.Text) func(text string) bool {
	was := string(part)
	if tidy(before.Name) != tidy(after.Name) {
		was = ""
	}
	return func(text string) bool { return isNow(text, was, string(part)) }
}

// wholeName looks for a part at its end of the whole name.
func wholeName(before, after *Client, at func(whole, part string) bool) func(value string) bool {
	return func(value string) bool {
		return at(tidy(after.Name), tidy(value)) || tidy(before.Name) != tidy(after.Name) && at(text.Fold(after.Name), text.Fold(value))
	}
}

// keeps compares a text of the record.
func keeps(of func(*Client) Text) func(text string, before, after *Client) bool {
	return func(text string, before, after *Client) bool {
		return isNow(text, string(of(before)), string(of(after)))
	}
}

// A document and a phone are kept when they mean the same, unless nothing has changed though another
// spelling was asked for. A text without a document or number, such as "no tiene", is compared as text.
func keepsDocument(text string, before, after *Client) bool {
	if documentKey(text) == "" {
		return isNow(text, string(before.Document), string(after.Document))
	}
	return documentKey(text) == after.document && moved(text, string(before.Document), string(after.Document))
}

func keepsPhone(text string, before, after *Client) bool {
	numbers := phone.Split(text)
	if len(numbers) == 0 {
		return isNow(text, string(before.Phone), string(after.Phone))
	}
	return slices.Equal(numbers, after.Phones) && moved(text, string(before.Phone), string(after.Phone))
}

// moved is false when another text was asked for and the old one is still there.
func moved(text, before, after string) bool {
	return tidy(text) == tidy(after) || tidy(before) != tidy(after)
}

// isNow reports whether a text was taken over. WispHub may keep it in capitals or escaped.
func isNow(value, before, after string) bool {
	value, after = tidy(value), tidy(html.UnescapeString(after))
	return value == after || strings.ToUpper(value) == after || tidy(before) != after && text.Fold(value) == text.Fold(after)
}

// tidy collapses spaces.
func tidy(text string) string { return strings.Join(strings.Fields(text), " ") }
