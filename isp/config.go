package isp

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"time"

	"wisphub-graphql/cache"
	"wisphub-graphql/cache/shared"
	"wisphub-graphql/isp/phone"
	"wisphub-graphql/wisphub"
)

// Config configures a [Provider].
type Config struct {
	// ClientsTTL is the time to live of the client directory. *Required.*
	ClientsTTL time.Duration
	// ClientTTL is the time to live of a client that was looked up alone. *Required.*
	ClientTTL time.Duration
	// PlansTTL is the time to live of the plan list and of every other catalogue. *Required.*
	PlansTTL time.Duration
	// PlanTTL is the time to live of the details of a plan. *Required.*
	PlanTTL time.Duration
	// TicketsTTL is the time to live of the newest tickets and of the active ones. *Required.*
	TicketsTTL time.Duration
	// TicketsHorizon is the age up to which tickets are listed, in whole days. *Required.*
	TicketsHorizon time.Duration
	// StaleLimit is the age up to which data is served while WispHub fails. *Required.*
	StaleLimit time.Duration

	// ActiveTicketStates are WispHub's codes of the states that count against a zone's quota.
	// *Required.*
	ActiveTicketStates []int
	// MaxActiveTicketsPerZone is the quota of a zone. *Required.*
	MaxActiveTicketsPerZone int
	// DefaultTicketStatus is WispHub's code of a new ticket's state. *Optional*, 1, which is new.
	DefaultTicketStatus int
	// MaxTicketResolutionDays is how many business days a new ticket has. *Optional*, 0.
	MaxTicketResolutionDays int
	// Holidays is the country of the public holidays, one of calendar.Countries; "none" and "" mean
	// none. *Optional*, none.
	Holidays string
	// ExtraHolidays are further days without business. Only their year, month and day count.
	// *Optional*.
	ExtraHolidays []time.Time
	// TicketAnswerField is WispHub's name of the field with an answer's text. *Optional*, respuesta.
	TicketAnswerField string

	// TimeZone is the zone of dates that have no offset. *Required.*
	TimeZone *time.Location
	// PhoneCountryCode is the country code of phone numbers that have none. *Required.*
	PhoneCountryCode string

	// Audit is called after each write, with the context of the write. *Optional*.
	Audit func(ctx context.Context, write Write)
	// Shared is the store that replicas share. *Optional*, nil for a single process.
	Shared *shared.Store
	// Logger gets failures that no caller receives, and malformed rows. *Required.*
	Logger *slog.Logger

	labels *unknownLabels
}

func (c Config) withDefaults() Config {
	c.DefaultTicketStatus = cmp.Or(c.DefaultTicketStatus, int(wisphub.TicketNew))
	if c.Audit == nil {
		c.Audit = func(context.Context, Write) {}
	}
	c.labels = newUnknownLabels(c.Logger)
	return c
}

func (c Config) locale() locale {
	return locale{zone: c.TimeZone, countryCode: phone.Country(strings.TrimPrefix(c.PhoneCountryCode, "+"))}
}

// cacheOptions returns the options of a cache whose refreshes run in the background.
func (c Config) cacheOptions(name string, ttl time.Duration) cache.Options {
	return cache.Options{
		Name:           name,
		TTL:            ttl,
		StaleLimit:     c.StaleLimit,
		LoadTimeout:    loadTimeout,
		OnRefreshError: c.logRefreshError(name),
	}
}

// logRefreshError returns a function that logs the error of a background refresh. No caller
// receives that error.
func (c Config) logRefreshError(name string) func(key any, err error) {
	return func(_ any, err error) {
		c.Logger.Warn("refresh failed; serving the last good data", "data", name, "error", err)
	}
}
