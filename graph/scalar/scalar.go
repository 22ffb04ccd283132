// Package scalar marshals and unmarshals the scalars of the schema. It is not part of package graph,
// because generated code imports it and package graph imports the generated code.
package scalar

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"wisphub-graphql/isp"
)

var (
	errInt      = errors.New("must be a whole number of 32 bits")
	errDate     = errors.New("must be a day such as 2026-05-08")
	errDateTime = errors.New("must be an instant such as 2026-05-01T14:03:00-05:00")
	errText     = errors.New("must be a string")
	errDecimal  = errors.New("must be a decimal number such as 65000.00")
)

// MarshalInt writes a GraphQL Int.
func MarshalInt(n int) graphql.Marshaler { return graphql.MarshalInt(n) }

// UnmarshalInt reads a GraphQL Int. The specification limits it to 32 bits.
func UnmarshalInt(value any) (int, error) {
	n, err := toInt64(value)
	if err != nil || n < math.MinInt32 || n > math.MaxInt32 {
		return 0, errInt
	}
	return int(n), nil
}

// maxExact is the largest number up to which a float64 holds every whole number.
const maxExact = 1 << 53

// toInt64 reads a whole number. JSON does not distinguish 26, 26.0 and 2.6e1. A float64 is a literal
// with a fraction or an exponent, which is never an Int.
func toInt64(value any) (int64, error) {
	switch value := value.(type) {
	case json.Number:
		if n, err := value.Int64(); err == nil {
			return n, nil
		}
		f, err := value.Float64()
		if err != nil || f != math.Trunc(f) || math.Abs(f) > maxExact {
			return 0, errInt
		}
		return int64(f), nil
	case int64:
		return value, nil
	case int:
		return int64(value), nil
	}
	return 0, errInt
}

// MarshalText writes a string. Empty text is null.
func MarshalText(text isp.Text) graphql.Marshaler { return marshaled(AppendText(nil, text)) }

// UnmarshalText reads a string.
func UnmarshalText(value any) (isp.Text, error) {
	text, ok := value.(string)
	if !ok {
		return "", errText
	}
	return isp.Text(text), nil
}

// MarshalDate writes a day. The zero value is null.
func MarshalDate(day isp.Date) graphql.Marshaler { return marshaled(AppendDate(nil, day)) }

// UnmarshalDate reads a day in ISO 8601.
func UnmarshalDate(value any) (isp.Date, error) {
	text, ok := value.(string)
	if !ok {
		return "", errDate
	}
	return isp.ParseDate(text)
}

// MarshalDecimal writes an amount as a string. The zero value, which is not the amount 0, is null.
func MarshalDecimal(amount isp.Decimal) graphql.Marshaler {
	return marshaled(AppendDecimal(nil, amount))
}

// UnmarshalDecimal reads a string, an int or a float literal.
func UnmarshalDecimal(value any) (isp.Decimal, error) {
	switch value := value.(type) {
	case string:
		return isp.ParseDecimal(value)
	case json.Number:
		return isp.ParseDecimal(value.String())
	case int64:
		return isp.ParseDecimal(strconv.FormatInt(value, 10))
	case float64: // gqlparser rounds float literals to 64 bits
		return isp.ParseDecimal(strconv.FormatFloat(value, 'f', -1, 64))
	}
	return isp.Decimal{}, errDecimal
}

// MarshalDateTime writes an instant in its own zone. The zero time is null.
func MarshalDateTime(at time.Time) graphql.Marshaler { return marshaled(AppendDateTime(nil, at)) }

// UnmarshalDateTime reads an instant in RFC 3339.
func UnmarshalDateTime(value any) (time.Time, error) {
	if text, ok := value.(string); ok {
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errDateTime
}

// MarshalJSON writes a value as WispHub sent it. An empty value is null.
func MarshalJSON(value json.RawMessage) graphql.Marshaler { return marshaled(AppendJSON(nil, value)) }

// UnmarshalJSON reads any JSON value.
func UnmarshalJSON(value any) (json.RawMessage, error) { return json.Marshal(value) }
