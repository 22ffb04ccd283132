package wisphub

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Bounds of a refusal. A WispHub form has about 30 fields, and mostly one text for each.
const (
	maxFields        = 40
	maxTextsPerField = 5
	// maxDepth is how many lists and objects lie around a text at most:
	// {"errors": {"campo": ["…"]}} has three.
	maxDepth = 3
)

// generalKeys are the keys of texts that concern no single field (wisphub-net-api §2.7). The
// Spanish ones are those of task results.
var generalKeys = []string{
	"detail", "error", "errors", "message", "messages", "non_field_errors", "mensaje", "mensajes", "errores",
}

// htmlTag begins a tag. A text with one is a page, or part of one, and says nothing to a caller.
var htmlTag = regexp.MustCompile(`<[a-zA-Z!/?]`)

// refusalTexts collects the texts of a refusal by field, within the bounds.
type refusalTexts struct {
	byField map[string][]string
	redact  func(string) string // removes the key
}

// fields reads the texts of a refusal by field: {"campo": ["…"]}, or one of the general forms, in
// any nesting up to maxDepth.
func fields(body []byte, redact func(string) string) map[string][]string {
	var value any
	if json.Unmarshal(body, &value) != nil {
		return nil
	}
	texts := refusalTexts{map[string][]string{}, redact}
	texts.collect("", value, maxDepth)
	return texts.byField
}

// collect adds the texts of a value. Within a field, its own keys are not told apart.
func (t refusalTexts) collect(field string, value any, depth int) {
	switch value := value.(type) {
	case string:
		t.add(field, t.clean(value))
	case []any:
		if depth == 0 {
			return
		}
		for _, element := range value {
			t.collect(field, element, depth-1)
		}
	case map[string]any:
		if depth == 0 {
			return
		}
		for _, key := range slices.Sorted(maps.Keys(value)) {
			name := field
			if field == "" && !slices.Contains(generalKeys, key) {
				name = t.clean(key)
			}
			t.collect(name, value[key], depth-1)
		}
	}
}

func (t refusalTexts) add(field, text string) {
	known, ok := t.byField[field]
	if text == "" || len(known) == maxTextsPerField || !ok && len(t.byField) == maxFields {
		return
	}
	t.byField[field] = append(known, text)
}

// clean makes a text from the upstream fit for callers; "" if it is HTML. The key is removed last:
// dropping control characters could put its pieces together. It is removed before the text is
// shortened: a cut could leave half of it.
func (t refusalTexts) clean(text string) string {
	if htmlTag.MatchString(text) {
		return ""
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
	return shorten(t.redact(strings.Join(strings.Fields(text), " ")))
}
