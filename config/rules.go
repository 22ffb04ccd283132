package config

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
)

const day = 24 * time.Hour

// check validates the settings and brings texts into the form that [Settings] documents.
func (r *report) check(s *Settings) {
	r.checkUpstream(s)
	r.checkTokens(s)
	r.checkUsers(s)
	r.checkTickets(s)
	r.checkCountry(s)
	r.checkLimits(s)
	r.checkDocuments(s)
	r.checkServer(s)
}

func (r *report) checkUpstream(s *Settings) {
	s.WispHubNetKey = r.upstreamKey("WISPHUB_NET_KEY", s.WispHubNetKey)
	s.WispHubNetHost = r.upstreamHost("WISPHUB_NET_HOST", s.WispHubNetHost)
}

func (r *report) checkTokens(s *Settings) {
	r.signingKey("JWT_SECRET_KEY", s.JWTSecretKey)
	if !s.JWTSecretKeyPrevious.IsZero() {
		r.signingKey("JWT_SECRET_KEY_PREVIOUS", s.JWTSecretKeyPrevious)
	}
	s.JWTAlgorithm = r.oneOf("JWT_ALGORITHM", s.JWTAlgorithm, "HS256", "HS384", "HS512")
	within(r, "JWT_ACCESS_TOKEN_EXPIRE_MINUTES", s.JWTAccessTokenExpireMinutes, 1, 7*24*60)
}

func (r *report) checkUsers(s *Settings) {
	if s.APIUsersFile != "" {
		r.usersFile("API_USERS_FILE", s.APIUsersFile)
	}
	if s.APIUsersFile != "" && s.APIUsername == "" && s.APIPasswordHash.IsZero() {
		return
	}
	r.username("API_USERNAME", s.APIUsername)
	r.passwordHash("API_PASSWORD_HASH", s.APIPasswordHash)
}

func (r *report) checkTickets(s *Settings) {
	within(r, "MAX_ACTIVE_TICKETS_PER_ZONE", s.MaxActiveTicketsPerZone, 1, 10_000)
	r.require("DEFAULT_TICKET_STATUS", isTicketState(s.DefaultTicketStatus),
		problem{"must be a ticket state from 1 to 5", "value_error.range"})
	within(r, "MAX_TICKET_RESOLUTION_DAYS", s.MaxTicketResolutionDays, 1, 365)
	r.require("PHONE_COUNTRY_CODE", isDigits(s.PhoneCountryCode) && len(s.PhoneCountryCode) <= 3,
		problem{"must be 1 to 3 digits, without +", "value_error.digits"})
	within(r, "TICKETS_HORIZON", s.TicketsHorizon, day, 3650*day)
	r.require("TICKET_ANSWER_FIELD", formField.MatchString(s.TicketAnswerField),
		problem{"must be a form field's name: letters, digits, _ and -", "value_error.name"})
	s.RESTActionCase = r.oneOf("REST_ACTION_CASE", s.RESTActionCase, "upper", "lower")
}

var formField = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func (r *report) checkLimits(s *Settings) {
	within(r, "CLIENTS_TTL", s.ClientsTTL, time.Second, day)
	within(r, "PLANS_TTL", s.PlansTTL, time.Second, day)
	within(r, "PLAN_TTL", s.PlanTTL, time.Second, day)
	within(r, "TICKETS_TTL", s.TicketsTTL, time.Second, day)
	within(r, "CLIENT_TTL", s.ClientTTL, time.Second, day)
	within(r, "STALE_LIMIT", s.StaleLimit, time.Second, 30*day)
	within(r, "UPSTREAM_HOUR_LIMIT", s.UpstreamHourLimit, 1, 100_000)
	within(r, "UPSTREAM_MINUTE_LIMIT", s.UpstreamMinuteLimit, 1, 10_000)
	within(r, "UPSTREAM_TIMEOUT", s.UpstreamTimeout, time.Second, time.Minute)
	within(r, "MAX_UPSTREAM_CALLS_PER_OPERATION", s.MaxUpstreamCallsPerOperation, 1, 1000)
}

func (r *report) checkDocuments(s *Settings) {
	within(r, "MAX_QUERY_DEPTH", s.MaxQueryDepth, 1, 40)
	within(r, "MAX_QUERY_FIELDS", s.MaxQueryFields, 100, 10_000)
	within(r, "MAX_QUERY_TOKENS", s.MaxQueryTokens, 200, 10_000)
	s.TrustedDocuments = r.oneOf("TRUSTED_DOCUMENTS", s.TrustedDocuments, "off", "prefer", "only")
	if s.TrustedDocuments == "prefer" || s.TrustedDocuments == "only" {
		r.require("TRUSTED_DOCUMENTS_DIR", s.TrustedDocumentsDir != "", errFieldRequired)
	}
}

func (r *report) checkServer(s *Settings) {
	r.storeURL("CACHE_URL", s.CacheURL)
	r.address("LISTEN_ADDR", s.ListenAddr)
	if s.MetricsAddr != "" {
		r.address("METRICS_ADDR", s.MetricsAddr)
	}
	within(r, "SHUTDOWN_DELAY", s.ShutdownDelay, 0, 5*time.Minute)
	s.CORSAllowedOrigins = r.origins("CORS_ALLOWED_ORIGINS", s.CORSAllowedOrigins)
	within(r, "MAX_CONNECTIONS", s.MaxConnections, 10, 100_000)
	within(r, "MAX_CONNECTIONS_PER_ADDRESS", s.MaxConnectionsPerAddress, 1, 100_000)
	within(r, "MAX_OPERATIONS", s.MaxOperations, 1, 100_000)
	within(r, "RESPONSE_CACHE_MB", s.ResponseCacheMB, 0, 1024)
	s.LogLevel = r.oneOf("LOG_LEVEL", s.LogLevel, "debug", "info", "warn", "error")
	s.LogFormat = r.oneOf("LOG_FORMAT", s.LogFormat, "text", "json")
}

// within requires low <= value <= high. It is a function because a method cannot have type
// parameters.
func within[T cmp.Ordered](r *report, name string, value, low, high T) {
	r.require(name, low <= value && value <= high,
		problem{fmt.Sprintf("must be from %v to %v", low, high), "value_error.range"})
}

// oneOf returns the choice that equals text, ignoring case.
func (r *report) oneOf(name, text string, choices ...string) string {
	for _, choice := range choices {
		if strings.EqualFold(choice, text) {
			return choice
		}
	}
	r.fail(name, problem{"must be one of " + strings.Join(choices, ", "), "value_error.choice"})
	return text
}

// username applies the rule for names in the users file.
func (r *report) username(name, username string) {
	invalid := func(c rune) bool { return c == ':' || c == unicode.ReplacementChar || !unicode.IsPrint(c) }
	r.require(name, username != "", errFieldRequired)
	r.require(name, len(username) <= 255 && !strings.ContainsFunc(username, invalid),
		problem{"must be at most 255 bytes, all printable, without a colon", "value_error.name"})
}

// usersFile checks only that the file can be read. Package auth checks its lines.
func (r *report) usersFile(name, path string) {
	exposed, err := InspectPrivateFile(path)
	if err != nil {
		r.fail(name, problem{"cannot read this file: " + err.Error(), "value_error.file"})
	}
	if exposed {
		r.warn(name, exposedAdvice)
	}
}
