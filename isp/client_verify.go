package isp

import (
	"html"
	"strings"

	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// WispHub answers success even if it ignores a field (wisphub-net-api §2.7), so each write is
// verified by a fresh read.

// notApplied names the fields of the input that the client does not have after the write. Profile
// is nil if first and last name are not known apart. The result is never nil.
func (i *UpdateClientInput) notApplied(where locale, before, after *Client, profile *wisphub.Profile) userErrors {
	wrong := userErrors{}
	add := func(field string) {
		wrong.add(CodeNotApplied, "WispHub answered success, but a fresh read shows another value.", "input", field)
	}
	for _, text := range i.texts(where) {
		if text.given != nil && text.applied != nil && !text.applied(*text.given, before, after) {
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

// namesNotApplied compares first and last name if they are known apart, and the whole name
// otherwise.
func (i *UpdateClientInput) namesNotApplied(before, after *Client, profile *wisphub.Profile) (fields []string) {
	first, last := wholeName(before, after, strings.HasPrefix), wholeName(before, after, strings.HasSuffix)
	if profile != nil {
		first, last = partOfName(before, after, profile.Name), partOfName(before, after, profile.LastName)
	}
	if i.Name != nil && !first(*i.Name) {
		fields = append(fields, "name")
	}
	if i.LastName != nil && !last(*i.LastName) {
		fields = append(fields, "lastName")
	}
	return fields
}

// partOfName compares a text with one part of the name. The old part is not known, but it differs
// if the whole name has changed.
func partOfName(before, after *Client, part wisphub.Text) func(text string) bool {
	old := string(part)
	if tidy(before.Name) != tidy(after.Name) {
		old = ""
	}
	return func(text string) bool { return wasApplied(text, old, string(part)) }
}

// wholeName compares a text with the begin or the end of the whole name.
func wholeName(before, after *Client, at func(whole, part string) bool) func(value string) bool {
	return func(value string) bool {
		return at(tidy(after.Name), tidy(value)) || tidy(before.Name) != tidy(after.Name) && at(text.Fold(after.Name), text.Fold(value))
	}
}

// textApplied compares a text field of the record.
func textApplied(of func(*Client) string) func(text string, before, after *Client) bool {
	return func(text string, before, after *Client) bool {
		return wasApplied(text, of(before), of(after))
	}
}

// documentApplied reports whether the client has the document in any spelling. If the caller only
// changed the spelling, the old one must be gone. A text without a document, such as "no tiene", is
// compared as text.
func documentApplied(text string, before, after *Client) bool {
	if documentKey(text) == "" {
		return wasApplied(text, string(before.Document), string(after.Document))
	}
	return documentKey(text) == after.document && spellingApplied(text, string(before.Document), string(after.Document))
}

// phoneApplied is documentApplied for phones. A text that was stored as it was sent needs no numbers.
func (l locale) phoneApplied(text string, before, after *Client) bool {
	if wasApplied(text, string(before.Phone), string(after.Phone)) {
		return true
	}
	numbers := strings.Join(l.phonesIn(text), "")
	return numbers != "" && numbers == strings.Join(after.Phones, "") && spellingApplied(text, string(before.Phone), string(after.Phone))
}

// spellingApplied is false if the caller gave another text and the old one is still there.
func spellingApplied(text, before, after string) bool {
	return tidy(text) == tidy(after) || tidy(before) != tidy(after)
}

// wasApplied reports whether a field has the value. WispHub may store it in capitals or escaped.
func wasApplied(value, before, after string) bool {
	value, after = tidy(value), tidy(html.UnescapeString(after))
	return value == after || strings.ToUpper(value) == after || tidy(before) != after && text.Fold(value) == text.Fold(after)
}

// tidy collapses spaces and drops invisible runes.
func tidy(value string) string { return strings.Join(strings.Fields(text.Visible(value)), " ") }
