package main

import (
	"testing"
	"time"
)

func TestDemoOptions_Invalid(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-clients", "0"}, {"-clients", "60001"}, {"-clients", "many"}, {"-addr", "0.0.0.0:8000"}, {"-addr", ":8000"},
		{"-addr", "127.0.0.1"}, {"-addr", "example.com:80"}, {"-unknown"}, {"surplus"},
	} {
		if _, err := (program{stderr: &logBuffer{}}).demoOptions(args); err == nil {
			t.Errorf("demoOptions(%q) = nil, want an error", args)
		}
	}
}

func TestDemoSettings_ReplaceTheProvider(t *testing.T) {
	t.Parallel()
	p := program{environ: map[string]string{
		"WISPHUB_NET_KEY_FILE": "/nowhere/key", "API_PASSWORD_HASH_FILE": "/nowhere/hash", "API_USERS_FILE": "/nowhere/users",
		"CACHE_URL": "redis://127.0.0.1:1", "CACHE_DIR": "/nowhere", "API_USERNAME": "boss", "CLIENTS_TTL": "7m",
	}}
	settings, err := p.demoSettings("http://127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	if settings.APIUsername != "demo" || settings.APIUsersFile != "" || settings.CacheDir != "" || !settings.CacheURL.IsZero() {
		t.Errorf("demoSettings = %+v, want the real provider's users and stores replaced", settings)
	}
	if settings.ClientsTTL != 7*time.Minute {
		t.Errorf("CLIENTS_TTL = %s, want the environment's 7m", settings.ClientsTTL)
	}
}
