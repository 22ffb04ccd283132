package wisphub

import "encoding/json"

// Optional is a value of an update. The zero Optional is absent: it is not sent, and the field stays as it is.
type Optional[T any] struct {
	value *T
	given bool
}

// Some returns a value to be set, which may be empty.
func Some[T any](value T) Optional[T] { return Optional[T]{value: &value, given: true} }

// Null returns the value that is sent as null.
func Null[T any]() Optional[T] { return Optional[T]{given: true} }

// IsZero reports whether the value is absent; encoding/json asks it.
func (o Optional[T]) IsZero() bool { return !o.given }

// MarshalJSON implements [json.Marshaler].
func (o Optional[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.value) }
