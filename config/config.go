// Package config reads every setting of the program from the environment, a .env file and secret
// files.
package config

import (
	"net/netip"
	"time"
)

// Settings is the whole configuration. Each field with an env tag is one variable, and errors are
// reported in field order.
//
// [Load] fills and checks it; treat it as read-only afterwards. A variable of type [Secret] may
// instead come from the file that NAME_FILE names. An empty variable counts as unset. Durations
// are Go durations (5m, 24h) or whole days (183d). Switches are on, off, true, false, 1, 0, yes or
// no. Lists are comma-separated or JSON arrays.
type Settings struct {
	// WispHubNetKey is the API key of the WispHub Net account: printable ASCII. Surrounding
	// whitespace is trimmed. *Required.*
	WispHubNetKey Secret `env:"WISPHUB_NET_KEY"`
	// WispHubNetKeyFile is the path of the file the key was read from, "" for none.
	// WISPHUB_NET_KEY_FILE sets it.
	WispHubNetKeyFile string
	// WispHubNetHost is the base URL of WispHub, stored without a trailing slash or /api. It must
	// be https, except on loopback. *Optional*, https://api.wisphub.net.
	WispHubNetHost string `env:"WISPHUB_NET_HOST" envDefault:"https://api.wisphub.net"`

	// JWTSecretKey signs access tokens. At least 32 bytes, and not a known placeholder.
	// *Required.*
	JWTSecretKey Secret `env:"JWT_SECRET_KEY"`
	// JWTSecretKeyPrevious verifies tokens but never signs, so that the key can be changed without
	// logging users out. The rules of JWTSecretKey apply. *Optional*, none.
	JWTSecretKeyPrevious Secret `env:"JWT_SECRET_KEY_PREVIOUS"`
	// JWTAlgorithm is HS256, HS384 or HS512. *Optional*, HS256.
	JWTAlgorithm string `env:"JWT_ALGORITHM" envDefault:"HS256"`
	// JWTAccessTokenExpireMinutes is the lifetime of an access token in minutes, 1 to 10080 (a
	// week). *Optional*, 60.
	JWTAccessTokenExpireMinutes int `env:"JWT_ACCESS_TOKEN_EXPIRE_MINUTES" envDefault:"60"`

	// APIUsername is the one user that needs no users file. *Required* unless APIUsersFile is set.
	APIUsername string `env:"API_USERNAME"`
	// APIPasswordHash is the bcrypt hash of that user's password ($2a$, $2b$ or $2y$). *Required*
	// with APIUsername.
	APIPasswordHash Secret `env:"API_PASSWORD_HASH"`
	// APIUsersFile is the path of a file with htpasswd lines (bcrypt) and an optional third field
	// of scopes. Load checks only that the file exists. *Optional*, none.
	APIUsersFile string `env:"API_USERS_FILE"`

	// MaxActiveTicketsPerZone is how many active tickets fill a zone, 1 to 10000. *Optional*, 3.
	MaxActiveTicketsPerZone int `env:"MAX_ACTIVE_TICKETS_PER_ZONE" envDefault:"3"`
	// ActiveTicketStates are WispHub's ticket states (1 to 5) that count as active, ascending and
	// without duplicates. Accepted forms are 1,2 and (1,2) and (1,) and [1,2]. *Optional*, 1.
	ActiveTicketStates []int `env:"ACTIVE_TICKET_STATES" envDefault:"1"`
	// DefaultTicketStatus is WispHub's state (1 to 5) of a new ticket. *Optional*, 1.
	DefaultTicketStatus int `env:"DEFAULT_TICKET_STATUS" envDefault:"1"`
	// MaxTicketResolutionDays is how many business days a new ticket has, 1 to 365. *Optional*, 3.
	MaxTicketResolutionDays int `env:"MAX_TICKET_RESOLUTION_DAYS" envDefault:"3"`
	// Holidays is the country of the public holidays, one of calendar.Countries, or none.
	// *Optional*, the country of Timezone, or none where it is not known.
	Holidays string `env:"HOLIDAYS"`
	// ExtraHolidays are further non-business days. Only year, month and day count (midnight UTC).
	// *Optional*, none.
	ExtraHolidays []time.Time `env:"EXTRA_HOLIDAYS"`
	// Timezone is the zone of business days and of WispHub's dates without a zone, an IANA name.
	// *Optional*, America/Bogota.
	Timezone *time.Location `env:"TIMEZONE" envDefault:"America/Bogota"`
	// Currency is that of all amounts, a code of ISO 4217. *Optional*, the currency of Timezone, or
	// COP where it is not known.
	Currency string `env:"CURRENCY"`
	// PhoneCountryCode is the calling code of phone numbers without one, 1 to 3 digits.
	// *Optional*, 57.
	PhoneCountryCode string `env:"PHONE_COUNTRY_CODE" envDefault:"57"`
	// TicketsHorizon is how far back tickets are read, 1 to 3650 days. A bare number means days.
	// *Optional*, 183 days.
	TicketsHorizon time.Duration `env:"TICKETS_HORIZON" envDefault:"183d"`
	// TicketAnswerField is WispHub's undocumented form field for the text of an answer.
	// *Optional*, respuesta.
	TicketAnswerField string `env:"TICKET_ANSWER_FIELD" envDefault:"respuesta"`
	// RESTActionCase is how /api/v1 writes its actions, upper or lower. *Optional*, upper.
	RESTActionCase string `env:"REST_ACTION_CASE" envDefault:"upper"`

	// Each TTL is how old a value may be before it is refreshed, 1s to 24h. *Optional.*

	// ClientsTTL applies to the client directory. *Optional*, 5m.
	ClientsTTL time.Duration `env:"CLIENTS_TTL" envDefault:"5m"`
	// PlansTTL applies to the plan list and the other catalogues. *Optional*, 15m.
	PlansTTL time.Duration `env:"PLANS_TTL" envDefault:"15m"`
	// PlanTTL applies to the details of one plan. *Optional*, 1h.
	PlanTTL time.Duration `env:"PLAN_TTL" envDefault:"1h"`
	// TicketsTTL applies to open tickets. *Optional*, 1m.
	TicketsTTL time.Duration `env:"TICKETS_TTL" envDefault:"1m"`
	// ClientTTL applies to one client looked up by id. *Optional*, 2m.
	ClientTTL time.Duration `env:"CLIENT_TTL" envDefault:"2m"`
	// StaleLimit is how long the last good data is served while WispHub fails, 1s to 30d.
	// *Optional*, 24h.
	StaleLimit time.Duration `env:"STALE_LIMIT" envDefault:"24h"`

	// UpstreamHourLimit is the maximum number of calls to WispHub in any hour, 1 to 100000.
	// *Optional*, 1000.
	UpstreamHourLimit int `env:"UPSTREAM_HOUR_LIMIT" envDefault:"1000"`
	// UpstreamMinuteLimit is the maximum number of calls to WispHub in any minute, 1 to 10000.
	// *Optional*, 100.
	UpstreamMinuteLimit int `env:"UPSTREAM_MINUTE_LIMIT" envDefault:"100"`
	// UpstreamTimeout is the deadline of one call to WispHub, 1s to 60s. *Optional*, 10s.
	UpstreamTimeout time.Duration `env:"UPSTREAM_TIMEOUT" envDefault:"10s"`
	// MaxUpstreamCallsPerOperation is how many calls one GraphQL operation may cost, 1 to 1000.
	// *Optional*, 20.
	MaxUpstreamCallsPerOperation int `env:"MAX_UPSTREAM_CALLS_PER_OPERATION" envDefault:"20"`

	// MaxQueryDepth is how deeply the fields of a GraphQL document may nest, 1 to 40. *Optional*,
	// 10.
	MaxQueryDepth int `env:"MAX_QUERY_DEPTH" envDefault:"10"`
	// MaxQueryFields is how many fields a document may select, fragments expanded, 100 to 10000.
	// *Optional*, 2000.
	MaxQueryFields int `env:"MAX_QUERY_FIELDS" envDefault:"2000"`
	// MaxQueryTokens is how many tokens a document may have, 200 to 10000. *Optional*, 2000.
	MaxQueryTokens int `env:"MAX_QUERY_TOKENS" envDefault:"2000"`
	// TrustedDocuments is off, prefer (a request may name a document by its id) or only (other
	// documents are refused). *Optional*, off.
	TrustedDocuments string `env:"TRUSTED_DOCUMENTS" envDefault:"off"`
	// TrustedDocumentsDir is the folder of the trusted documents, read at startup. *Required*
	// unless they are off.
	TrustedDocumentsDir string `env:"TRUSTED_DOCUMENTS_DIR"`

	// CacheURL is the store that replicas share: redis://, rediss://, valkey:// or unix://. It may
	// contain a password. *Optional*, none: memory only.
	CacheURL Secret `env:"CACHE_URL"`
	// CacheDir is the folder that keeps good data across restarts. *Optional*, none.
	CacheDir string `env:"CACHE_DIR"`

	// ListenAddr is the host:port to serve. Without a host, all addresses are served. *Optional*,
	// :8000.
	ListenAddr string `env:"LISTEN_ADDR" envDefault:":8000"`
	// MetricsAddr is the host:port that serves /metrics. *Optional*, none: not served.
	MetricsAddr string `env:"METRICS_ADDR"`
	// ShutdownDelay is how long the server still takes new connections after the signal to stop,
	// while it is not ready, 0s to 5m. *Optional*, 0s.
	ShutdownDelay time.Duration `env:"SHUTDOWN_DELAY" envDefault:"0s"`
	// CORSAllowedOrigins are the allowed browser origins, exact and in lower case
	// (scheme://host[:port]). *Optional*, none.
	CORSAllowedOrigins []string `env:"CORS_ALLOWED_ORIGINS"`
	// TrustedProxies are the networks whose X-Forwarded-For counts: CIDRs or single addresses.
	// *Optional*, none.
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES"`
	// MaxConnections is how many connections may be open, 10 to 100000. *Optional*, 2000.
	MaxConnections int `env:"MAX_CONNECTIONS" envDefault:"2000"`
	// MaxConnectionsPerAddress is how many of them may come from one address, 1 to 100000.
	// TrustedProxies are exempt. *Optional*, 500.
	MaxConnectionsPerAddress int `env:"MAX_CONNECTIONS_PER_ADDRESS" envDefault:"500"`
	// MaxOperations is how many operations of callers with a token may run at once, 1 to 100000.
	// *Optional*, 512.
	MaxOperations int `env:"MAX_OPERATIONS" envDefault:"512"`
	// ResponseCacheMB is how much memory the answers may take that callers who ask the same within a
	// second share, in MB, 0 to 1024; 0 shares none. *Optional*, 16.
	ResponseCacheMB int `env:"RESPONSE_CACHE_MB" envDefault:"16"`
	// Playground serves GraphiQL at /. *Optional*, on.
	Playground bool `env:"PLAYGROUND" envDefault:"on"`
	// Introspection lets callers read the schema, which GraphiQL needs. *Optional*, on.
	Introspection bool `env:"INTROSPECTION" envDefault:"on"`
	// LogLevel is debug, info, warn or error. Audit lines are written at any level. *Optional*,
	// info.
	LogLevel string `env:"LOG_LEVEL" envDefault:"info"`
	// LogFormat is text or json. *Optional*, text.
	LogFormat string `env:"LOG_FORMAT" envDefault:"text"`
}
