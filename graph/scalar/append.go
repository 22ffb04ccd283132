package scalar

import (
	"encoding/json"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"wisphub-graphql/isp"
)

// Package direct writes values with the Append functions. Each appends what the marshaler of the
// same name writes. Where that writes null, so does the function.

const null = "null"

// AppendInt appends a GraphQL Int.
func AppendInt(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) }

// AppendBoolean appends a GraphQL Boolean.
func AppendBoolean(b []byte, value bool) []byte { return strconv.AppendBool(b, value) }

// AppendFloat appends a GraphQL Float. It returns false for the values that JSON lacks.
func AppendFloat(b []byte, f float64) ([]byte, bool) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return b, false
	}
	return strconv.AppendFloat(b, f, 'g', -1, 64), true
}

// AppendID appends a GraphQL ID.
func AppendID(b []byte, id string) []byte { return AppendString(b, id) }

// AppendString appends a GraphQL String, with gqlgen's escapes.
func AppendString(b []byte, text string) []byte {
	b = append(b, '"')
	start := 0
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' {
			b = append(b, text[start:i]...)
			b = appendEscape(b, c)
			start = i + 1
		}
	}
	b = append(b, text[start:]...)
	return append(b, '"')
}

func appendEscape(b []byte, c byte) []byte {
	const hex = "0123456789ABCDEF"
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\t':
		return append(b, `\t`...)
	case '\r':
		return append(b, `\r`...)
	case '\n':
		return append(b, `\n`...)
	}
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// AppendText appends a string. Empty text is null.
func AppendText(b []byte, text isp.Text) []byte {
	if text == "" {
		return append(b, null...)
	}
	return AppendString(b, string(text))
}

// AppendDate appends a day. The zero value is null.
func AppendDate(b []byte, day isp.Date) []byte {
	if day == "" {
		return append(b, null...)
	}
	return appendQuoted(b, string(day))
}

// AppendDecimal appends an amount as a string. The zero value, which is not the amount 0, is null.
func AppendDecimal(b []byte, amount isp.Decimal) []byte {
	if amount.IsZero() {
		return append(b, null...)
	}
	return appendQuoted(b, amount.String())
}

// appendQuoted appends text without characters that JSON escapes.
func appendQuoted(b []byte, text string) []byte {
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

// AppendDateTime appends an instant in its own zone. The zero time is null.
func AppendDateTime(b []byte, at time.Time) []byte {
	if at.IsZero() {
		return append(b, null...)
	}
	b = append(b, '"')
	b = at.AppendFormat(b, time.RFC3339)
	return append(b, '"')
}

// AppendJSON appends a value as WispHub sent it. An empty value is null.
func AppendJSON(b []byte, value json.RawMessage) []byte {
	if len(value) == 0 {
		return append(b, null...)
	}
	return append(b, value...)
}

// marshaled returns JSON as a marshaler. gqlgen distinguishes its own null from others.
func marshaled(text []byte) graphql.Marshaler {
	if string(text) == null {
		return graphql.Null
	}
	return raw(text)
}

// raw is valid JSON.
type raw json.RawMessage

func (r raw) MarshalGQL(w io.Writer) { _, _ = w.Write(r) }
