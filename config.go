package main

import (
	"net/netip"
	"time"
)

// Settings is the whole configuration, one field a variable, in the order in which mistakes are reported.
//
// [loadSettings] fills and checks it; nothing changes it afterwards. The env tag names the variable, and a field of type
// [Secret] may instead come from the file that NAME_FILE names. An empty variable counts as unset. Durations are Go durations
// (5m, 24h) or whole days (183d). Switches are on, off, true, false, 1, 0, yes or no. Lists are comma lists or JSON arrays.
type Settings struct {
	// WispHubNetKey opens the provider's WispHub Net account. Printable ASCII; surrounding whitespace is trimmed. *Required.*
	WispHubNetKey Secret `env:"WISPHUB_NET_KEY"`
	// WispHubNetKeyFile is the path of the file that the key came from, "" for none. It has no variable of its own.
	WispHubNetKeyFile string
	// WispHubNetHost is the upstream's base URL, kept without a trailing slash or /api; https, or http to loopback.
	// *Optional*, https://api.wisphub.net.
	WispHubNetHost string `env:"WISPHUB_NET_HOST" envDefault:"https://api.wisphub.net"`

	// JWTSecretKey signs access tokens. At least 32 bytes, and no known placeholder. *Required.*
	JWTSecretKey Secret `env:"JWT_SECRET_KEY"`
	// JWTSecretKeyPrevious still verifies and never signs, so that a key can be changed without logging everybody out.
	// The same rules. *Optional*, none.
	JWTSecretKeyPrevious Secret `env:"JWT_SECRET_KEY_PREVIOUS"`
	// JWTAlgorithm is HS256, HS384 or HS512. *Optional*, HS256.
	JWTAlgorithm string `env:"JWT_ALGORITHM" envDefault:"HS256"`
	// JWTAccessTokenExpireMinutes is an access token's life in minutes, 1 to 10080 (a week). *Optional*, 60.
	JWTAccessTokenExpireMinutes int `env:"JWT_ACCESS_TOKEN_EXPIRE_MINUTES" envDefault:"60"`

	// APIUsername is the one user who needs no users file. *Required* unless APIUsersFile is set.
	APIUsername string `env:"API_USERNAME"`
	// APIPasswordHash is the bcrypt hash of that user's password ($2a$, $2b$ or $2y$). *Required* with APIUsername.
	APIPasswordHash Secret `env:"API_PASSWORD_HASH"`
	// APIUsersFile is the path of a file with htpasswd lines (bcrypt), an optional third field listing scopes.
	// Only its presence is checked here. *Optional*, none.
	APIUsersFile string `env:"API_USERS_FILE"`

	// MaxActiveTicketsPerZone is how many active tickets fill a zone, 1 to 10000. *Optional*, 3.
	MaxActiveTicketsPerZone int `env:"MAX_ACTIVE_TICKETS_PER_ZONE" envDefault:"3"`
	// ActiveTicketStates are the upstream's ticket states (1 to 5) that count as active, ascending, each once;
	// read from 1,2 or (1,2) or (1,) or [1,2]. *Optional*, 1.
	ActiveTicketStates []int `env:"ACTIVE_TICKET_STATES" envDefault:"1"`
	// DefaultTicketStatus is the upstream's state (1 to 5) of a new ticket. *Optional*, 1.
	DefaultTicketStatus int `env:"DEFAULT_TICKET_STATUS" envDefault:"1"`
	// MaxTicketResolutionDays is how many business days a new ticket has, 1 to 365. *Optional*, 3.
	MaxTicketResolutionDays int `env:"MAX_TICKET_RESOLUTION_DAYS" envDefault:"3"`
	// Holidays is the public holidays' calendar, co or none. *Optional*, co.
	Holidays string `env:"HOLIDAYS" envDefault:"co"`
	// ExtraHolidays are further days without business; only year, month and day count (midnight UTC). *Optional*, none.
	ExtraHolidays []time.Time `env:"EXTRA_HOLIDAYS"`
	// Timezone is the zone of the upstream's naive dates and of the business days, an IANA name.
	// *Optional*, America/Bogota.
	Timezone *time.Location `env:"TIMEZONE" envDefault:"America/Bogota"`
	// PhoneCountryCode is the calling code of phones that have none, 1 to 3 digits. *Optional*, 57.
	PhoneCountryCode string `env:"PHONE_COUNTRY_CODE" envDefault:"57"`
	// TicketsHorizon is how far back tickets are read, 1 to 3650 days; a bare number means days too. *Optional*, 183 days.
	TicketsHorizon time.Duration `env:"TICKETS_HORIZON" envDefault:"183d"`
	// TicketAnswerField is the upstream's form field of an answer's text, which it does not document. *Optional*, respuesta.
	TicketAnswerField string `env:"TICKET_ANSWER_FIELD" envDefault:"respuesta"`
	// RESTActionCase is how /api/v1 writes its actions, upper or lower. *Optional*, upper.
	RESTActionCase string `env:"REST_ACTION_CASE" envDefault:"upper"`

	// The times to live say how old a value may be before it is refreshed, 1s to 24h. *Optional.*

	// ClientsTTL is the client directory's. *Optional*, 5m.
	ClientsTTL time.Duration `env:"CLIENTS_TTL" envDefault:"5m"`
	// PlansTTL is that of the plan list and the other catalogues. *Optional*, 15m.
	PlansTTL time.Duration `env:"PLANS_TTL" envDefault:"15m"`
	// PlanTTL is that of one plan's details. *Optional*, 1h.
	PlanTTL time.Duration `env:"PLAN_TTL" envDefault:"1h"`
	// TicketsTTL is that of open tickets. *Optional*, 1m.
	TicketsTTL time.Duration `env:"TICKETS_TTL" envDefault:"1m"`
	// ClientTTL is that of one client, looked up by id. *Optional*, 2m.
	ClientTTL time.Duration `env:"CLIENT_TTL" envDefault:"2m"`
	// StaleLimit is how long the last good data is served while the upstream fails, 1s to 30d. *Optional*, 24h.
	StaleLimit time.Duration `env:"STALE_LIMIT" envDefault:"24h"`

	// UpstreamHourLimit bounds the upstream calls in any hour, 1 to 100000. *Optional*, 1000.
	UpstreamHourLimit int `env:"UPSTREAM_HOUR_LIMIT" envDefault:"1000"`
	// UpstreamMinuteLimit bounds the upstream calls in any minute, 1 to 10000. *Optional*, 100.
	UpstreamMinuteLimit int `env:"UPSTREAM_MINUTE_LIMIT" envDefault:"100"`
	// UpstreamTimeout is the deadline of one request, 1s to 60s. *Optional*, 10s.
	UpstreamTimeout time.Duration `env:"UPSTREAM_TIMEOUT" envDefault:"10s"`
	// MaxUpstreamCallsPerOperation is what one GraphQL operation may cost, 1 to 1000 calls. *Optional*, 20.
	MaxUpstreamCallsPerOperation int `env:"MAX_UPSTREAM_CALLS_PER_OPERATION" envDefault:"20"`

	// The limits of what a GraphQL document may hold; see graph.Limits. *Optional.*

	// MaxQueryDepth is how deep fields may lie, 1 to 40. *Optional*, 10.
	MaxQueryDepth int `env:"MAX_QUERY_DEPTH" envDefault:"10"`
	// MaxQueryListDepth is how many lists may lie in one another, 1 to 10. *Optional*, 3.
	MaxQueryListDepth int `env:"MAX_QUERY_LIST_DEPTH" envDefault:"3"`
	// MaxQueryFields is how much may be selected, fragments unfolded, 100 to 10000. *Optional*, 2000.
	MaxQueryFields int `env:"MAX_QUERY_FIELDS" envDefault:"2000"`
	// MaxQueryAliases is how many aliases an operation may have, 1 to 1000. *Optional*, 30.
	MaxQueryAliases int `env:"MAX_QUERY_ALIASES" envDefault:"30"`
	// MaxQueryRootFields is how many root fields an operation may select, 1 to 100. *Optional*, 10.
	MaxQueryRootFields int `env:"MAX_QUERY_ROOT_FIELDS" envDefault:"10"`
	// MaxQueryRepeats is how often one name may be selected in one object, 1 to 100. *Optional*, 20.
	MaxQueryRepeats int `env:"MAX_QUERY_REPEATS" envDefault:"20"`
	// MaxQueryDirectives is how many directives a document may have, 1 to 200. *Optional*, 20.
	MaxQueryDirectives int `env:"MAX_QUERY_DIRECTIVES" envDefault:"20"`
	// MaxQueryFragments is how many fragments a document may have, 1 to 200. *Optional*, 50.
	MaxQueryFragments int `env:"MAX_QUERY_FRAGMENTS" envDefault:"50"`
	// MaxQueryOperations is how many operations a document may have, 1 to 50. *Optional*, 5.
	MaxQueryOperations int `env:"MAX_QUERY_OPERATIONS" envDefault:"5"`
	// MaxQueryTokens is how many tokens a document may have, 200 to 10000. *Optional*, 2000.
	MaxQueryTokens int `env:"MAX_QUERY_TOKENS" envDefault:"2000"`
	// TrustedDocuments is off, prefer (documents may be named by an id) or only (no others are served). *Optional*, off.
	TrustedDocuments string `env:"TRUSTED_DOCUMENTS" envDefault:"off"`
	// TrustedDocumentsDir is the folder of the trusted documents, read at the start. *Required* unless they are off.
	TrustedDocumentsDir string `env:"TRUSTED_DOCUMENTS_DIR"`

	// CacheURL is the store that replicas share: redis://, rediss://, valkey:// or unix://. It may hold a password.
	// *Optional*, none: memory only.
	CacheURL Secret `env:"CACHE_URL"`
	// CacheDir is the folder that keeps good data over a restart. *Optional*, none.
	CacheDir string `env:"CACHE_DIR"`

	// ListenAddr is the host:port served; no host means every address. *Optional*, :8000.
	ListenAddr string `env:"LISTEN_ADDR" envDefault:":8000"`
	// MetricsAddr is the host:port that serves /metrics. *Optional*, none: not served.
	MetricsAddr string `env:"METRICS_ADDR"`
	// CORSAllowedOrigins are the browser origins let in, exact and in lower case (scheme://host[:port]). *Optional*, none.
	CORSAllowedOrigins []string `env:"CORS_ALLOWED_ORIGINS"`
	// TrustedProxies are the networks whose X-Forwarded-For counts; CIDRs or single addresses. *Optional*, none.
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES"`
	// MaxConnections is how many connections may be open, 10 to 100000. *Optional*, 2000.
	MaxConnections int `env:"MAX_CONNECTIONS" envDefault:"2000"`
	// MaxConnectionsPerAddress is how many of them may come from one address, but for those of TrustedProxies, 1 to 100000.
	// *Optional*, 500.
	MaxConnectionsPerAddress int `env:"MAX_CONNECTIONS_PER_ADDRESS" envDefault:"500"`
	// MaxOperations is how many operations of callers with a token may be under way, 1 to 100000. *Optional*, 512.
	MaxOperations int `env:"MAX_OPERATIONS" envDefault:"512"`
	// Playground switches GraphiQL at /. *Optional*, on.
	Playground bool `env:"PLAYGROUND" envDefault:"on"`
	// Introspection switches the schema's introspection, which GraphiQL needs. *Optional*, on.
	Introspection bool `env:"INTROSPECTION" envDefault:"on"`
	// LogLevel is debug, info, warn or error; audit lines are written at any. *Optional*, info.
	LogLevel string `env:"LOG_LEVEL" envDefault:"info"`
	// LogFormat is text or json. *Optional*, text.
	LogFormat string `env:"LOG_FORMAT" envDefault:"text"`
}
