package text

// Shorten cuts a text that has more than limit characters. The result ends with an ellipsis and has
// exactly limit characters. The limit must be 1 or more.
func Shorten(text string, limit int) string {
	if len(text) <= limit { // bytes, so at least as many as characters
		return text
	}
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return text
}
