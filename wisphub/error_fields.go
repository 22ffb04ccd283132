package wisphub

import (
	"encoding/json"
	"maps"
	"slices"
)

// Bounds of a refusal. A WispHub form has about 30 fields, and mostly one text for each.
const (
	maxFields        = 40
	maxTextsPerField = 5
)

// generalKeys are the keys of texts that concern no single field (wisphub-net-api §2.7).
var generalKeys = []string{"detail", "error", "errors", "non_field_errors"}

// fields reads the texts of a refusal by field: {"campo": ["…"]}, or one of the general forms.
func fields(body []byte) map[string][]string {
	var value any
	if json.Unmarshal(body, &value) != nil {
		return nil
	}
	texts := map[string][]string{}
	object, ok := value.(map[string]any)
	if !ok {
		object = map[string]any{"errors": value}
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		field := shorten(key)
		if slices.Contains(generalKeys, key) {
			field = ""
		}
		if len(texts) == maxFields {
			break
		}
		if all := append(texts[field], textsOf(object[key])...); len(all) > 0 {
			texts[field] = all[:min(len(all), maxTextsPerField)]
		}
	}
	return texts
}

// textsOf returns a text, or the texts of a list. Deeper forms are undocumented and skipped.
func textsOf(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{shorten(value)}
	case []any:
		var texts []string
		for _, element := range value {
			if text, ok := element.(string); ok && len(texts) < maxTextsPerField {
				texts = append(texts, shorten(text))
			}
		}
		return texts
	}
	return nil
}
