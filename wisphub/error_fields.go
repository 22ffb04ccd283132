package wisphub

import (
	"encoding/json"
	"maps"
	"slices"
)

// What is kept of a refusal: a form of WispHub has some 30 fields, and says one sentence of most.
const (
	maxFields    = 40
	maxSentences = 5
)

// aboutAll are the keys under which WispHub says what concerns no single field (wisphub-net-api §2.7).
var aboutAll = []string{"detail", "error", "errors", "non_field_errors"}

// fields reads what WispHub says of each field: {"campo": ["…"]}, and the other forms that [detail] knows.
func fields(body []byte) map[string][]string {
	var said any
	if json.Unmarshal(body, &said) != nil {
		return nil
	}
	words := map[string][]string{}
	object, ok := said.(map[string]any)
	if !ok {
		object = map[string]any{"errors": said}
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		field := shorten(key)
		if slices.Contains(aboutAll, key) {
			field = ""
		}
		if len(words) == maxFields {
			break
		}
		if sentences := append(words[field], sentences(object[key])...); len(sentences) > 0 {
			words[field] = sentences[:min(len(sentences), maxSentences)]
		}
	}
	return words
}

// sentences are the texts of a text or a list of them. Nothing is known of deeper forms.
func sentences(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{shorten(value)}
	case []any:
		var texts []string
		for _, element := range value {
			if text, ok := element.(string); ok && len(texts) < maxSentences {
				texts = append(texts, shorten(text))
			}
		}
		return texts
	}
	return nil
}
