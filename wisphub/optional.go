package wisphub

import "encoding/json"

// Optional is a value in an update. The zero Optional is absent: the field is not sent and stays
// as it is.
type Optional[T any] struct {
	value *T
	given bool
}

// Some returns a value to set. It may be empty.
func Some[T any](value T) Optional[T] { return Optional[T]{value: &value, given: true} }

// Null returns a value that is sent as null.
func Null[T any]() Optional[T] { return Optional[T]{given: true} }

// IsZero reports whether the value is absent. Package encoding/json calls it for omitzero.
func (o Optional[T]) IsZero() bool { return !o.given }

// MarshalJSON implements [json.Marshaler].
func (o Optional[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.value) }
