package wisphub

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// maxText is how many characters a text may have, unless the tag max of its field says more. WispHub's
// forms take 200 for most.
const maxText = 300

// cleaner makes a decoded answer fit to be kept. It redacts keys, which JSON may have hidden, and leaves
// out texts beyond their length. It also adds up what the answer takes in memory.
type cleaner struct {
	redact   func(string) string
	bytes    int            // that are held, about
	overlong map[string]int // texts that were left out, by JSON key
}

// cleanField is a field of a struct that may hold text.
type cleanField struct {
	index, max int
	key        string
}

var (
	cleanFields sync.Map // of the types seen: reflect.Type to []cleanField
	rawJSON     = reflect.TypeFor[json.RawMessage]()
)

// clean cleans the value that out points to.
func (c *cleaner) clean(out any) { c.value(reflect.ValueOf(out), cleanField{max: maxText}) }

func (c *cleaner) value(v reflect.Value, field cleanField) {
	switch v.Kind() {
	case reflect.String:
		c.text(v, field)
	case reflect.Pointer:
		if !v.IsNil() {
			c.bytes += int(v.Type().Elem().Size())
			c.value(v.Elem(), field)
		}
	case reflect.Slice:
		c.slice(v, field)
	case reflect.Struct:
		for _, inner := range fieldsOf(v.Type()) {
			if inner.key == "" { // the value of an Object, or the text of a Time
				inner.key, inner.max = field.key, field.max
			}
			c.value(v.Field(inner.index), inner)
		}
	}
}

func (c *cleaner) text(v reflect.Value, field cleanField) {
	text := v.String()
	if len(text) > field.max && utf8.RuneCountInString(text) > field.max {
		if c.overlong == nil {
			c.overlong = map[string]int{}
		}
		c.overlong[field.key]++
		v.SetString("")
		return
	}
	clean := c.redact(text)
	if visible := withoutFormat(clean); visible != clean { // dropping them later would put a key together
		if redacted := c.redact(visible); redacted != visible {
			clean = redacted
		}
	}
	if clean != text {
		v.SetString(clean)
	}
	c.bytes += len(text)
}

// withoutFormat returns a text without runes that have no width, such as zero-width spaces.
func withoutFormat(text string) string {
	isFormat := func(r rune) bool { return r >= utf8.RuneSelf && unicode.Is(unicode.Cf, r) }
	if !strings.ContainsFunc(text, isFormat) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if isFormat(r) {
			return -1
		}
		return r
	}, text)
}

func (c *cleaner) slice(v reflect.Value, field cleanField) {
	c.bytes += v.Len() * int(v.Type().Elem().Size())
	if v.Type() == rawJSON {
		if text := string(v.Bytes()); c.redact(text) != text {
			v.SetBytes(redactJSON(text, c.redact))
		}
		return
	}
	for i := range v.Len() {
		c.value(v.Index(i), field)
	}
}

// redactJSON redacts a JSON value that holds a key. A value that is no JSON any more is left out.
func redactJSON(text string, redact func(string) string) json.RawMessage {
	if clean := json.RawMessage(redact(text)); json.Valid(clean) {
		return clean
	}
	return json.RawMessage(strconv.Quote(redacted))
}

// fieldsOf returns the fields of a type that can be set and may hold text.
func fieldsOf(t reflect.Type) []cleanField {
	if known, ok := cleanFields.Load(t); ok {
		return known.([]cleanField)
	}
	fields := []cleanField{}
	for i := range t.NumField() {
		field := t.Field(i)
		if !field.IsExported() || !mayHoldText(field.Type) {
			continue
		}
		longest, err := strconv.Atoi(field.Tag.Get("max"))
		if err != nil {
			longest = maxText
		}
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		fields = append(fields, cleanField{i, longest, key})
	}
	cleanFields.Store(t, fields)
	return fields
}

func mayHoldText(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Pointer, reflect.Slice:
		return true
	case reflect.Struct:
		return len(fieldsOf(t)) > 0
	}
	return false
}
