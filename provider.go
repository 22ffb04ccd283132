package main

import (
	"context"
	"fmt"
	"log/slog"

	"wisphub-graphql/auth"
	"wisphub-graphql/cache"
	"wisphub-graphql/isp"
	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/ratelimit"
)

// openShared returns the store that replicas share, nil when there is none.
func openShared(settings *Settings, logger *slog.Logger) (*cache.Shared, error) {
	if settings.CacheURL.IsZero() {
		return nil, nil
	}
	shared, err := cache.OpenShared(cache.SharedConfig{
		URL:       settings.CacheURL.Reveal(),
		Namespace: "wisphub-graphql:" + tenant(settings),
		Logger:    logger,
	})
	if err != nil {
		return nil, fmt.Errorf("CACHE_URL: %w", err)
	}
	return shared, nil
}

func newAPI(settings *Settings, shared *cache.Shared, refused func()) (*wisphub.API, error) {
	cfg := wisphub.Config{
		Host:        settings.WispHubNetHost,
		Key:         settings.WispHubNetKey.Reveal(),
		OnForbidden: refused,
		Timeout:     settings.UpstreamTimeout,
		MinuteLimit: settings.UpstreamMinuteLimit,
		HourLimit:   settings.UpstreamHourLimit,
	}
	if shared != nil {
		cfg.UsageLog = shared.Ledger("budget", ratelimit.MinuteWindow, ratelimit.HourWindow)
	}
	return wisphub.New(cfg)
}

func newProvider(settings *Settings, api *wisphub.API, shared *cache.Shared, logger *slog.Logger, audit *auth.Audit) *isp.Provider {
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
			audit.Record(ctx, auth.Event{Action: w.Action, IDs: w.IDs, Outcome: w.Outcome})
		},
		StaleLimit:       settings.StaleLimit,
		TimeZone:         settings.Timezone,
		PhoneCountryCode: settings.PhoneCountryCode,
		Shared:           shared,
		Logger:           logger,
	})
}
