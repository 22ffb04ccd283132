package scalar

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
)

var (
	errBoolean = errors.New("must be true or false")
	errFloat   = errors.New("must be a number")
	errID      = errors.New("must be a string or a whole number")
)

// Coerce returns an input value of the scalar with this name, or an error that says what the value
// must be. The value is one of JSON, with numbers as [json.Number], or of a literal, but not nil.
// gqlgen's own scalars accept more than the specification does: a string that is a number, and
// numbers for a string. Coerce panics if the schema has no such scalar.
func Coerce(name string, value any) (any, error) { return coercions[name](value) }

var coercions = map[string]func(value any) (any, error){
	"Boolean":  coerceBoolean,
	"Float":    coerceFloat,
	"ID":       coerceID,
	"Int":      coerceInt,
	"String":   unchanged(UnmarshalText),
	"Date":     unchanged(UnmarshalDate),
	"DateTime": unchanged(UnmarshalDateTime),
	"Decimal":  unchanged(UnmarshalDecimal),
	"JSON":     unchanged(UnmarshalJSON),
}

// unchanged returns the value as it is if it can be unmarshalled.
func unchanged[T any](unmarshal func(value any) (T, error)) func(value any) (any, error) {
	return func(value any) (any, error) {
		_, err := unmarshal(value)
		return value, err
	}
}

func coerceInt(value any) (any, error) {
	n, err := UnmarshalInt(value)
	return int64(n), err
}

func coerceBoolean(value any) (any, error) {
	if _, ok := value.(bool); !ok {
		return nil, errBoolean
	}
	return value, nil
}

func coerceFloat(value any) (any, error) {
	switch value := value.(type) {
	case int64, float64:
		return value, nil
	case json.Number:
		if f, err := value.Float64(); err == nil && !math.IsInf(f, 0) {
			return f, nil
		}
	}
	return nil, errFloat
}

func coerceID(value any) (any, error) {
	if text, ok := value.(string); ok {
		return text, nil
	}
	n, err := toInt64(value)
	if err != nil {
		return nil, errID
	}
	return strconv.FormatInt(n, 10), nil
}
