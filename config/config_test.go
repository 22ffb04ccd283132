package config

import (
	"maps"
	"net/netip"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// validSigningKey satisfies all rules.
const validSigningKey = "abcdefghijklmnopqrstuvwxyz-0123456789"

// minimal returns the required variables, with changes applied: name, value, name, value.
func minimal(changes ...string) map[string]string {
	environ := map[string]string{
		"WISPHUB_NET_KEY":   "some-key",
		"JWT_SECRET_KEY":    validSigningKey,
		"API_USERNAME":      "ana",
		"API_PASSWORD_HASH": validHash,
	}
	for i := 0; i < len(changes); i += 2 {
		environ[changes[i]] = changes[i+1]
	}
	return environ
}

// settingNames returns the names of all variables except NAME_FILE, in field order.
func settingNames() []string {
	var names []string
	for field := range reflect.TypeFor[Settings]().Fields() {
		if field.Tag.Get("env") == "" {
			continue
		}
		names = append(names, field.Tag.Get("env"))
	}
	return names
}

// settingOf returns the field that the variable sets. Of a secret it returns the text.
func settingOf(s *Settings, name string) any {
	for field, value := range reflect.ValueOf(s).Elem().Fields() {
		if field.Tag.Get("env") == name {
			if secret, ok := value.Interface().(Secret); ok {
				return secret.Reveal()
			}
			if zone, ok := value.Interface().(*time.Location); ok {
				return zone.String()
			}
			return value.Interface()
		}
	}
	return nil
}

func TestLoad_Defaults(t *testing.T) {
	t.Parallel()
	environ := minimal("CLIENTS_TTL", "", "timezone", "UTC", "UNRELATED", "x")
	before := maps.Clone(environ)
	got, warnings, err := Load(environ)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("Load(minimal) = %v, %q, want no error and no warning", err, warnings)
	}
	if !maps.Equal(environ, before) {
		t.Errorf("Load changed environ to %v", environ)
	}
	want := map[string]any{
		"WISPHUB_NET_KEY": "some-key", "WISPHUB_NET_HOST": "https://api.wisphub.net",
		"JWT_SECRET_KEY": validSigningKey, "JWT_SECRET_KEY_PREVIOUS": "", "JWT_ALGORITHM": "HS256",
		"JWT_ACCESS_TOKEN_EXPIRE_MINUTES": 60,
		"API_USERNAME":                    "ana", "API_PASSWORD_HASH": validHash, "API_USERS_FILE": "",
		"MAX_ACTIVE_TICKETS_PER_ZONE": 3, "ACTIVE_TICKET_STATES": []int{1}, "DEFAULT_TICKET_STATUS": 1,
		"MAX_TICKET_RESOLUTION_DAYS": 3, "HOLIDAYS": "co", "EXTRA_HOLIDAYS": []time.Time(nil),
		"TIMEZONE": "America/Bogota", "CURRENCY": "COP", "PHONE_COUNTRY_CODE": "57", "TICKETS_HORIZON": 183 * day,
		"TICKET_ANSWER_FIELD": "respuesta", "REST_ACTION_CASE": "upper",
		"CLIENTS_TTL": 5 * time.Minute, "PLANS_TTL": 15 * time.Minute, "PLAN_TTL": time.Hour,
		"TICKETS_TTL": time.Minute, "CLIENT_TTL": 2 * time.Minute, "STALE_LIMIT": day,
		"UPSTREAM_HOUR_LIMIT": 1000, "UPSTREAM_MINUTE_LIMIT": 100, "UPSTREAM_TIMEOUT": 10 * time.Second,
		"MAX_QUERY_DEPTH": 10, "MAX_QUERY_FIELDS": 2000, "MAX_QUERY_TOKENS": 2000,
		"TRUSTED_DOCUMENTS": "off", "TRUSTED_DOCUMENTS_DIR": "",
		"MAX_UPSTREAM_CALLS_PER_OPERATION": 20, "CACHE_URL": "", "CACHE_DIR": "",
		"LISTEN_ADDR": ":8000", "METRICS_ADDR": "", "SHUTDOWN_DELAY": time.Duration(0), "CORS_ALLOWED_ORIGINS": []string(nil),
		"MAX_CONNECTIONS": 2000, "MAX_CONNECTIONS_PER_ADDRESS": 500, "MAX_OPERATIONS": 512, "RESPONSE_CACHE_MB": 16,
		"TRUSTED_PROXIES": []netip.Prefix(nil), "PLAYGROUND": true, "INTROSPECTION": true,
		"LOG_LEVEL": "info", "LOG_FORMAT": "text",
	}
	for _, name := range settingNames() {
		if value := settingOf(got, name); !reflect.DeepEqual(value, want[name]) {
			t.Errorf("default of %s = %v, want %v", name, value, want[name])
		}
	}
	if len(want) != len(settingNames()) {
		t.Errorf("Settings has %d variables, want %d", len(settingNames()), len(want))
	}
}

// TestLoad_IgnoresForeignVariables tries names that the env library would take for elements of a
// list.
func TestLoad_IgnoresForeignVariables(t *testing.T) {
	t.Parallel()
	settings, _, err := Load(minimal("TRUSTED_PROXIES", "10.0.0.0/8", "0_X", "x", "1_X", "x", "2_X", "x"))
	if err != nil || len(settings.TrustedProxies) != 1 {
		t.Errorf("Load(one proxy) = %v, %v, want one proxy", settings, err)
	}
}

var exampleLine = regexp.MustCompile(`(?m)^(# )?([A-Z_]+)=(.*)$`)

func TestExampleFile_ListsEverySettingOnceWithItsDefault(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	shown := make(map[string]string)
	for _, match := range exampleLine.FindAllStringSubmatch(string(example), -1) {
		if _, twice := shown[match[2]]; twice {
			t.Errorf(".env.example shows %s twice", match[2])
		}
		shown[match[2]] = match[3]
	}
	want := make(map[string]string)
	for field := range reflect.TypeFor[Settings]().Fields() {
		want[field.Tag.Get("env")] = field.Tag.Get("envDefault")
	}
	delete(want, "")
	if !maps.Equal(shown, want) {
		t.Errorf(".env.example shows %v, want %v", shown, want)
	}
}

func TestExampleFile_LacksRequiredSettings(t *testing.T) {
	t.Parallel()
	environ, warnings, err := LoadDotenv("../.env.example", nil)
	if err != nil {
		t.Fatalf("LoadDotenv(.env.example) = %v, want nil", err)
	}
	for _, warning := range warnings { // git may check the file out readable by others
		if !strings.Contains(warning, exposedAdvice) {
			t.Errorf("LoadDotenv(.env.example) warns %q, want no such warning", warning)
		}
	}
	_, _, err = Load(environ)
	if err == nil || !strings.HasPrefix(err.Error(), "Configuration error: 4 validation errors for Settings\n") {
		t.Errorf("Load(.env.example) = %v, want errors of the four required variables", err)
	}
}
