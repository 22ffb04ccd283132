package isp

import (
	"errors"
	"time"
)

// Date is a calendar day in ISO 8601, for example 2026-05-08. As text it needs no formatting, and
// it sorts by day. The zero value is no day.
type Date string

var errDate = errors.New("must be a day such as 2026-05-08")

// ParseDate reads a day in ISO 8601.
func ParseDate(text string) (Date, error) {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return "", errDate
	}
	return Date(text), nil
}

// DateOf returns the day of an instant in the instant's own zone. It returns no day for the zero
// time.
func DateOf(at time.Time) Date {
	if at.IsZero() {
		return ""
	}
	return Date(at.Format(time.DateOnly))
}
