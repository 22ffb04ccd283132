package config

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// validValues has, for each variable, texts and the values they are parsed to.
var validValues = map[string]map[string]any{
	"WISPHUB_NET_KEY": {"some-key": "some-key", "\t some.Key~! \r\n": "some.Key~!"},
	"WISPHUB_NET_HOST": {
		"https://api.wisphub.net":           "https://api.wisphub.net",
		"https://api.wisphub.net/":          "https://api.wisphub.net",
		"https://api.wisphub.net/api":       "https://api.wisphub.net",
		"https://api.wisphub.net/api/":      "https://api.wisphub.net",
		"HTTPS://api.wisphub.net:8443/api/": "https://api.wisphub.net:8443",
		"https://proxy.example/w/api":       "https://proxy.example/w",
		"https://proxy.example/myapi":       "https://proxy.example/myapi",
		"http://localhost:9000":             "http://localhost:9000",
		"http://127.9.9.9":                  "http://127.9.9.9",
		"http://[::1]:9000/api":             "http://[::1]:9000",
	},
	"JWT_SECRET_KEY":                  {strings.Repeat("abcdefgh12345678", 2): strings.Repeat("abcdefgh12345678", 2), " " + validSigningKey: " " + validSigningKey},
	"JWT_SECRET_KEY_PREVIOUS":         {validSigningKey: validSigningKey},
	"JWT_ALGORITHM":                   {"HS256": "HS256", "HS384": "HS384", "hs512": "HS512"},
	"JWT_ACCESS_TOKEN_EXPIRE_MINUTES": {"1": 1, "10080": 10080},
	"API_USERNAME":                    {"Ana María": "Ana María", strings.Repeat("u", 255): strings.Repeat("u", 255)},
	"API_PASSWORD_HASH": {
		validHash: validHash,
		strings.Replace(validHash, "2b$12", "2a$04", 1): strings.Replace(validHash, "2b$12", "2a$04", 1),
		strings.Replace(validHash, "2b", "2y", 1):       strings.Replace(validHash, "2b", "2y", 1),
	},
	"API_USERS_FILE":              {"../.env.example": "../.env.example"},
	"MAX_ACTIVE_TICKETS_PER_ZONE": {"1": 1, "10000": 10000},
	"ACTIVE_TICKET_STATES": {
		"1": []int{1}, "1,2": []int{1, 2}, "(1,2)": []int{1, 2}, "(1,)": []int{1}, "[1,2]": []int{1, 2},
		"( 1 , 5 )": []int{1, 5}, "2, 1,2": []int{1, 2}, "(3)": []int{3},
	},
	"DEFAULT_TICKET_STATUS":      {"1": 1, "5": 5},
	"MAX_TICKET_RESOLUTION_DAYS": {"1": 1, "365": 365},
	"HOLIDAYS":                   {"co": "co", "None": "none", "mx": "mx", "DO": "do"},
	"EXTRA_HOLIDAYS": {
		"2026-12-24":                  []time.Time{time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)},
		"2026-12-24, 2028-02-29":      []time.Time{time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC), time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC)},
		`["2026-12-24","2028-02-29"]`: []time.Time{time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC), time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC)},
	},
	"TIMEZONE":            {"UTC": "UTC", "America/Mexico_City": "America/Mexico_City"},
	"CURRENCY":            {"COP": "COP", "USD": "USD", "VES": "VES"},
	"PHONE_COUNTRY_CODE":  {"1": "1", "593": "593"},
	"TICKETS_HORIZON":     {"183": 183 * day, "183d": 183 * day, "4392h": 183 * day, "1": day, "3650d": 3650 * day},
	"TICKET_ANSWER_FIELD": {"respuesta": "respuesta", "ticket-texto_2": "ticket-texto_2"},
	"REST_ACTION_CASE":    {"upper": "upper", "Lower": "lower"},
	"CLIENTS_TTL":         {"1s": time.Second, "24h": day, "1d": day},
	"PLANS_TTL":           {"90s": 90 * time.Second},
	"PLAN_TTL":            {"1h30m": 90 * time.Minute},
	"TICKETS_TTL":         {"1500ms": 1500 * time.Millisecond},
	"CLIENT_TTL":          {"2m": 2 * time.Minute},
	"STALE_LIMIT":         {"30d": 30 * day, "1s": time.Second},

	"UPSTREAM_HOUR_LIMIT":              {"1": 1, "100000": 100000},
	"UPSTREAM_MINUTE_LIMIT":            {"1": 1, "10000": 10000},
	"UPSTREAM_TIMEOUT":                 {"1s": time.Second, "60s": time.Minute},
	"MAX_UPSTREAM_CALLS_PER_OPERATION": {"1": 1, "1000": 1000},
	"MAX_QUERY_DEPTH":                  {"1": 1, "40": 40},
	"MAX_QUERY_FIELDS":                 {"100": 100, "10000": 10000},
	"MAX_QUERY_TOKENS":                 {"200": 200, "10000": 10000},
	"TRUSTED_DOCUMENTS":                {"off": "off", "Off": "off"},
	"TRUSTED_DOCUMENTS_DIR":            {"documents": "documents"},
	"MAX_CONNECTIONS":                  {"10": 10, "100000": 100000},
	"MAX_CONNECTIONS_PER_ADDRESS":      {"1": 1, "100000": 100000},
	"MAX_OPERATIONS":                   {"1": 1, "100000": 100000},
	"RESPONSE_CACHE_MB":                {"0": 0, "1024": 1024},
	"CACHE_URL": {
		"redis://user:pass@cache:6379/0": "redis://user:pass@cache:6379/0", "rediss://cache": "rediss://cache",
		"valkey://[::1]:6379": "valkey://[::1]:6379", "unix:///run/valkey.sock?db=1": "unix:///run/valkey.sock?db=1",
	},
	"CACHE_DIR":      {"/var/cache/wisphub": "/var/cache/wisphub"},
	"LISTEN_ADDR":    {":8000": ":8000", "127.0.0.1:0": "127.0.0.1:0", "[::]:65535": "[::]:65535"},
	"METRICS_ADDR":   {"localhost:9090": "localhost:9090"},
	"SHUTDOWN_DELAY": {"0s": time.Duration(0), "15s": 15 * time.Second, "5m": 5 * time.Minute},
	"CORS_ALLOWED_ORIGINS": {
		"https://panel.example.com":                           []string{"https://panel.example.com"},
		"https://Panel.example.com, http://localhost:5173":    []string{"https://panel.example.com", "http://localhost:5173"},
		`["https://a.example:8443", "capacitor://localhost"]`: []string{"https://a.example:8443", "capacitor://localhost"},
		"http://[::1]:3000":                                   []string{"http://[::1]:3000"},
		"http://a.example:443":                                []string{"http://a.example:443"},
	},
	"TRUSTED_PROXIES": {
		"10.0.0.0/8":                 []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		"10.1.2.3/8,192.168.1.1":     []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.168.1.1/32")},
		`["fd00::/8","2001:db8::1"]`: []netip.Prefix{netip.MustParsePrefix("fd00::/8"), netip.MustParsePrefix("2001:db8::1/128")},
		"::ffff:10.1.2.3/104":        []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		"::ffff:10.1.2.3,::/0":       []netip.Prefix{netip.MustParsePrefix("10.1.2.3/32"), netip.MustParsePrefix("::/0")},
		"::ffff:10.1.2.3/64":         []netip.Prefix{netip.MustParsePrefix("::/64")},
	},
	"PLAYGROUND":    {"on": true, "TRUE": true, "1": true, "yes": true, "off": false, "false": false, "0": false, "No": false},
	"INTROSPECTION": {"off": false, "on": true},
	"LOG_LEVEL":     {"debug": "debug", "INFO": "info", "warn": "warn", "error": "error"},
	"LOG_FORMAT":    {"text": "text", "JSON": "json"},
}

func TestLoad_ValidValues(t *testing.T) {
	t.Parallel()
	for _, name := range settingNames() {
		if len(validValues[name]) == 0 {
			t.Errorf("validValues has none for %s", name)
		}
		for text, want := range validValues[name] {
			settings, _, err := Load(minimal(name, text))
			if err != nil {
				t.Errorf("Load(%s=%q) = %v, want no error", name, text, err)
				continue
			}
			if got := settingOf(settings, name); !reflect.DeepEqual(got, want) {
				t.Errorf("Load(%s=%q): %v, want %v", name, text, got, want)
			}
		}
	}
}

// invalidValues has, for each variable, texts by the type of error they cause.
var invalidValues = map[string]map[string][]string{
	"WISPHUB_NET_KEY": {"key": {"Api-Key abcdef", "clavé", "a\nb", "a\x00b", "a\x7fb"}},
	"WISPHUB_NET_HOST": {
		"url": {"api.wisphub.net", "api.wisphub.net:443", "https://", "https:///api", "https://user:pw@api.wisphub.net", "https://api.wisphub.net?a=1",
			"https://api.wisphub.net?", "https://api.wisphub.net/#a", "https://api.wisphub.net:99999", "https://api.wisphub.net:", "https://%zz",
			"ftp://api.wisphub.net", "https://api wisphub"},
		"url.scheme": {"http://api.wisphub.net", "http://10.0.0.1", "http://localhost.example.com", "http://127.0.0.1.example.com", "http://[::2]"},
	},
	"JWT_SECRET_KEY": {
		"length": {validSigningKey[:31]},
		"placeholder": {"your_very_long_random_secret_key_here", "YOUR-VERY-LONG-RANDOM-SECRET-KEY-HERE", "changeme", "Change_Me_please_0123456789_abcdefgh",
			strings.Repeat("secret", 6), strings.Repeat("secret-", 6), strings.Repeat("a", 40), strings.Repeat("12345678", 4) + "123"},
	},
	"JWT_SECRET_KEY_PREVIOUS":         {"length": {validSigningKey[:31]}, "placeholder": {"changeme-changeme-changeme-changeme"}},
	"JWT_ALGORITHM":                   {"choice": {"none", "RS256", "HS256,HS512"}},
	"JWT_ACCESS_TOKEN_EXPIRE_MINUTES": {"range": {"0", "-1", "10081"}, "number": {"60m", "1.5", " 60", "99999999999999999999"}},
	"API_USERNAME":                    {"name": {"ana\n", "ana:maria", "ana\xff", strings.Repeat("u", 256)}},
	"API_PASSWORD_HASH": {"hash": {"b", "b$12$abc", validHash[:59], validHash + "x", strings.Replace(validHash, "$12$", "$03$", 1),
		strings.Replace(validHash, "$12$", "$32$", 1), strings.Replace(validHash, "2b", "2x", 1), "$2b$12$ " + validHash[8:]}},
	"API_USERS_FILE":              {"file": {"no-such-file", "../graph"}},
	"MAX_ACTIVE_TICKETS_PER_ZONE": {"range": {"0", "10001"}, "number": {"three"}},
	"ACTIVE_TICKET_STATES":        {"list": {"0", "6", "1,6", "Nuevo", "(1", "1)", "(1]", "[1,2", "()", "[]", "[ ]1", ",", "1,,2", "1 2"}},
	"DEFAULT_TICKET_STATUS":       {"range": {"0", "6"}, "number": {"Nuevo"}},
	"MAX_TICKET_RESOLUTION_DAYS":  {"range": {"0", "366"}, "number": {"3d"}},
	"HOLIDAYS":                    {"choice": {"br", "on", "co,mx"}},
	"EXTRA_HOLIDAYS":              {"date": {"24/12/2026", "2026-02-29", "2026-12-24,", `["2026-12-24"`, `[20261224]`, "2026-12-24T00:00:00Z"}},
	"TIMEZONE":                    {"timezone": {"Bogota", "GMT-5:00", "../etc/passwd", "Local"}},
	"CURRENCY":                    {"currency": {"cop", "CO", "PESO", "XYZ", " COP", "COPUSD", "COP USD", "XXX", "VEB"}},
	"PHONE_COUNTRY_CODE":          {"digits": {"+57", "5 7", "1234", "co"}},
	"TICKETS_HORIZON":             {"duration": {"six months", "-1", "1.5d", "99999d", "d"}, "range": {"0", "23h", "3651", "-24h"}},
	"TICKET_ANSWER_FIELD":         {"name": {"a b", "a\"b", strings.Repeat("a", 65), "a\r\nb"}},
	"REST_ACTION_CASE":            {"choice": {"title"}},
	"CLIENTS_TTL":                 {"duration": {"5", "5 m", "soon", "-5d"}, "range": {"999ms", "-5m", "25h", "0"}},
	"PLANS_TTL":                   {"range": {"0s"}},
	"PLAN_TTL":                    {"range": {"0s"}},
	"TICKETS_TTL":                 {"range": {"0s"}},
	"CLIENT_TTL":                  {"range": {"0s"}},
	"STALE_LIMIT":                 {"range": {"0s", "31d"}},

	"UPSTREAM_HOUR_LIMIT":              {"range": {"0", "100001"}, "number": {"1,000", "1e3"}},
	"UPSTREAM_MINUTE_LIMIT":            {"range": {"0", "10001"}},
	"UPSTREAM_TIMEOUT":                 {"range": {"999ms", "61s"}},
	"MAX_UPSTREAM_CALLS_PER_OPERATION": {"range": {"0", "1001"}},
	"MAX_QUERY_DEPTH":                  {"range": {"0", "41"}},
	"MAX_QUERY_FIELDS":                 {"range": {"99", "10001"}},
	"MAX_QUERY_TOKENS":                 {"range": {"199", "10001"}},
	"TRUSTED_DOCUMENTS":                {"choice": {"on", "both"}},
	"MAX_CONNECTIONS":                  {"range": {"9", "100001"}},
	"MAX_CONNECTIONS_PER_ADDRESS":      {"range": {"0", "100001"}},
	"MAX_OPERATIONS":                   {"range": {"0", "100001"}},
	"RESPONSE_CACHE_MB":                {"range": {"-1", "1025"}},
	"CACHE_URL":                        {"url": {"cache:6379", "http://cache", "redis://", "redis://cache:99999", "redis://%zz", "unix://", "unix://run", "redis:cache"}},
	"LISTEN_ADDR":                      {"address": {"8000", ":", ":http", ":65536", "::1:8000", ":-1"}},
	"METRICS_ADDR":                     {"address": {"localhost"}},
	"SHUTDOWN_DELAY":                   {"range": {"-1s", "301s"}, "duration": {"15", "soon"}},
	"CORS_ALLOWED_ORIGINS": {
		"origin": {"*", "https://*.example.com", "https://a.example/", "https://a.example/x", "a.example", "https://a.example:443", "http://a.example:80",
			"https://u@a.example", "https://a.example?", "https://a.example#", "null", "https://", "//a.example", "https://a.example,", "https://a.example:"},
		"list": {`["https://a.example"`, `[1]`},
	},
	"TRUSTED_PROXIES": {"network": {"10.0.0.0/33", "10.0.0", "proxy", "10.0.0.0/8,", "10.0.0.0-10.0.0.9", "fe80::1%eth0/64"}},
	"PLAYGROUND":      {"switch": {"maybe", "2", "t", " on"}},
	"INTROSPECTION":   {"switch": {"enabled"}},
	"LOG_LEVEL":       {"choice": {"trace", "info+1"}},
	"LOG_FORMAT":      {"choice": {"xml"}},
}

func TestLoad_InvalidValues(t *testing.T) {
	t.Parallel()
	anyValue := []string{"CACHE_DIR", "TRUSTED_DOCUMENTS_DIR"}
	for _, name := range settingNames() {
		if len(invalidValues[name]) == 0 && !slices.Contains(anyValue, name) {
			t.Errorf("invalidValues has none for %s", name)
		}
		for kind, texts := range invalidValues[name] {
			for _, text := range texts {
				_, _, err := Load(minimal(name, text))
				if err == nil {
					t.Errorf("Load(%s=%q) = nil, want an error", name, text)
					continue
				}
				first, rest, _ := strings.Cut(err.Error(), "\n")
				if first != "Configuration error: 1 validation error for Settings" || !strings.HasPrefix(rest, name+"\n  ") ||
					!strings.HasSuffix(rest, " (type=value_error."+kind+")") {
					t.Errorf("Load(%s=%q) = %v, want one error of type %s", name, text, err, kind)
				}
			}
		}
	}
}

func TestLoad_HashWithoutItsStart(t *testing.T) {
	t.Parallel()
	_, _, err := Load(minimal("API_PASSWORD_HASH", strings.TrimPrefix(validHash, "$2b$12")))
	if err == nil || !strings.Contains(err.Error(), "a shell or compose file may have replaced its $") {
		t.Errorf("Load(hash without its start) = %v, want the hint about $", err)
	}
}
