package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"wisphub-graphql/auth"
	"wisphub-graphql/cache/shared"
	"wisphub-graphql/config"
	"wisphub-graphql/graph"
	"wisphub-graphql/graph/document"
	"wisphub-graphql/httpserver"
	"wisphub-graphql/inflight"
	"wisphub-graphql/isp"
	"wisphub-graphql/processor"
	"wisphub-graphql/rest"
	"wisphub-graphql/tenant"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/ratelimit"
)

// newAuth reads the users and creates the service that logs them in.
func newAuth(settings *config.Settings, audit *auth.Audit, logger *slog.Logger) (*auth.Service, error) {
	users, err := loadUsers(settings)
	if err != nil {
		return nil, err
	}
	warnOfCosts(users, logger)
	tokens, err := auth.NewTokens(auth.TokenConfig{
		Secret:         []byte(settings.JWTSecretKey.Reveal()),
		PreviousSecret: []byte(settings.JWTSecretKeyPrevious.Reveal()),
		Algorithm:      settings.JWTAlgorithm,
		Lifetime:       time.Duration(settings.JWTAccessTokenExpireMinutes) * time.Minute,
	})
	if err != nil {
		return nil, err
	}
	return auth.NewService(users, tokens, audit), nil
}

// storePrefix begins every key in the shared store.
const storePrefix = "wisphub-graphql:"

// openStore returns the store that replicas share, or nil without CACHE_URL.
func openStore(settings *config.Settings, identity *tenant.Identity, logger *slog.Logger) (*shared.Store, error) {
	if settings.CacheURL.IsZero() {
		return nil, nil
	}
	names := identity.NewResolver()
	store, err := shared.Open(shared.Config{
		URL:       settings.CacheURL.Reveal(),
		Namespace: storePrefix + tenant.HostName(settings.WispHubNetHost),
		Name: func(ctx context.Context, table *shared.Table) (string, error) {
			name, err := names.Resolve(ctx, table)
			return storePrefix + name, err
		},
		Logger: logger,
	})
	if err != nil {
		return nil, fmt.Errorf("CACHE_URL: %w", err)
	}
	identity.OnChange(store.CheckName)
	return store, nil
}

func newAPI(settings *config.Settings, store *shared.Store, key *keyFile, logger *slog.Logger) (*wisphub.API, error) {
	cfg := wisphub.Config{
		Host:        settings.WispHubNetHost,
		Key:         settings.WispHubNetKey.Reveal(),
		OnForbidden: key.onRefused,
		OnCompany:   key.onCompany,
		Logger:      logger,
		Timeout:     settings.UpstreamTimeout,
		MinuteLimit: settings.UpstreamMinuteLimit,
		HourLimit:   settings.UpstreamHourLimit,
	}
	if store != nil {
		cfg.UsageLog = store.Ledger("budget", ratelimit.MinuteWindow, ratelimit.HourWindow)
	}
	return wisphub.New(cfg)
}

func newProvider(settings *config.Settings, api *wisphub.API, store *shared.Store, logger *slog.Logger, audit *auth.Audit) *isp.Provider {
	return isp.New(api, isp.Config{
		ClientsTTL:              settings.ClientsTTL,
		ClientTTL:               settings.ClientTTL,
		PlansTTL:                settings.PlansTTL,
		PlanTTL:                 settings.PlanTTL,
		TicketsTTL:              settings.TicketsTTL,
		TicketsHorizon:          settings.TicketsHorizon,
		ActiveTicketStates:      settings.ActiveTicketStates,
		MaxActiveTicketsPerZone: settings.MaxActiveTicketsPerZone,
		DefaultTicketStatus:     settings.DefaultTicketStatus,
		MaxTicketResolutionDays: settings.MaxTicketResolutionDays,
		Holidays:                settings.Holidays,
		ExtraHolidays:           settings.ExtraHolidays,
		TicketAnswerField:       settings.TicketAnswerField,
		Audit: func(ctx context.Context, w isp.Write) {
			audit.Record(ctx, auth.Event{Action: w.Action, IDs: w.IDs, Changes: w.Changes, Outcome: w.Outcome})
		},
		StaleLimit:       settings.StaleLimit,
		TimeZone:         settings.Timezone,
		PhoneCountryCode: settings.PhoneCountryCode,
		Shared:           store,
		Logger:           logger,
	})
}

// graphConfig returns the options of the GraphQL API, without those that it shares with other
// APIs.
func graphConfig(settings *config.Settings, provider *isp.Provider, users *auth.Service, logger *slog.Logger) graph.Config {
	return graph.Config{
		Provider:      provider,
		Auth:          users,
		Version:       version,
		MaxCalls:      settings.MaxUpstreamCallsPerOperation,
		Introspection: settings.Introspection,
		Limits:        graphLimits(settings),
		TrustedOnly:   settings.TrustedDocuments == "only",
		Logger:        logger,

		SharedAnswerBytes: int64(settings.ResponseCacheMB) << 20,

		Refused:        httpserver.NoteRefusal,
		FreeRefusals:   httpserver.FreeRefusals,
		RefusalPenalty: httpserver.DefaultPenalty,
	}
}

// graphLimits returns the limits of GraphQL documents.
func graphLimits(settings *config.Settings) document.Limits {
	return document.Limits{Depth: settings.MaxQueryDepth, Fields: settings.MaxQueryFields, Tokens: settings.MaxQueryTokens}
}

// readTrustedDocuments returns the trusted documents, or nil when they are off. The error is a
// [*config.Error] that names every invalid file.
func readTrustedDocuments(settings *config.Settings) (*document.Trusted, error) {
	if settings.TrustedDocuments == "off" {
		return nil, nil
	}
	folder := os.DirFS(settings.TrustedDocumentsDir)
	trusted, err := document.ReadTrusted(folder, document.Config{
		Schema:        graph.Schema(),
		Limits:        graphLimits(settings),
		Introspection: settings.Introspection,
	})
	if err != nil {
		reason := strings.ReplaceAll(err.Error(), "\n", "\n  ")
		return nil, config.NewError("TRUSTED_DOCUMENTS_DIR", reason, "value_error.document")
	}
	return trusted, nil
}

// restConfig returns the options of the REST API, without those that it shares with other APIs.
func restConfig(settings *config.Settings, provider *isp.Provider, users *auth.Service, logger *slog.Logger) rest.Config {
	return rest.Config{
		Auth:              users,
		Provider:          provider,
		MaxCalls:          settings.MaxUpstreamCallsPerOperation,
		PublicDescription: settings.Playground && settings.Introspection,
		LowerCaseActions:  settings.RESTActionCase == "lower",
		Service:           "wisphub-graphql " + version,
		Logger:            logger,
	}
}

// newInflight returns the limits that all APIs share. The bytes keep the process under 300 MB with
// 20,000 clients: the garbage collector needs as much again.
func newInflight(settings *config.Settings) *inflight.Limiter {
	return inflight.New(inflight.Limits{
		Operations:   settings.MaxOperations,
		RequestBytes: 16 << 20,
		AnswerBytes:  32 << 20,
		HeavyBytes:   2 << 20,
		Heavy:        max(1, processor.Cores()/2),
		Turns:        processor.Cores(),
	})
}

func newConnLimit(settings *config.Settings, logger *slog.Logger) *httpserver.ConnLimit {
	return httpserver.NewConnLimit(httpserver.ConnLimitConfig{
		Max:            settings.MaxConnections,
		MaxPerAddress:  settings.MaxConnectionsPerAddress,
		TrustedProxies: settings.TrustedProxies,
		Logger:         logger,
	})
}

func newPenalty(settings *config.Settings, stopping context.Context) *httpserver.Penalty {
	return &httpserver.Penalty{
		Delay:          httpserver.DefaultPenalty,
		TrustedProxies: settings.TrustedProxies,
		Stopping:       stopping.Done(),
	}
}
