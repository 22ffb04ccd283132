package isp

import (
	"testing"
	"testing/synctest"
	"time"
)

// The end of a ticket is a number of business days later, at the same time of day. These days
// cross the end of a year, Holy Week and the provider's own holidays.
func TestTicketsCreate_EndsAfterBusinessDays(t *testing.T) {
	for _, test := range []struct {
		now, end string
		change   func(*Config)
	}{
		{"2026-12-30 16:20", "2027-01-05 16:20", func(*Config) {}}, // 31, then 4 and 5 of January
		{"2027-03-24 08:05", "2027-03-31 08:05", func(*Config) {}}, // Thursday and Friday are holy
		{"2026-06-26 23:59", "2026-07-02 23:59", func(*Config) {}}, // Monday is Saint Peter's
		{"2026-11-25 10:00", "2026-12-01 10:00", func(cfg *Config) { cfg.ExtraHolidays = []time.Time{time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)} }},
		{"2026-12-30 16:20", "2027-01-04 16:20", func(cfg *Config) { cfg.Holidays = "none" }},
		{"2026-12-30 16:20", "2026-12-31 16:20", func(cfg *Config) { cfg.MaxTicketResolutionDays = 1 }},
	} {
		synctest.Test(t, func(t *testing.T) {
			now, err := time.ParseInLocation("2006-01-02 15:04", test.now, bogota)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Until(now))
			w := newBubble(t, 3, func(cfg *Config) {
				cfg.Holidays, cfg.MaxTicketResolutionDays = "co", 3
				test.change(cfg)
			})
			payload, err := w.provider.Tickets.Create(t.Context(), CreateTicketInput{
				ServiceID: w.upstream.IDs()[0], Subject: "Internet Lento", Description: "x",
			})
			if err != nil || payload.Ticket == nil {
				t.Fatalf("Create = %+v, %v", payload, err)
			}
			start, end := payload.Ticket.EstimatedStart.Format("2006-01-02 15:04"), payload.Ticket.EstimatedEnd.Format("2006-01-02 15:04")
			if start != test.now || end != test.end {
				t.Errorf("Create at %s: ticket from %s to %s, want to %s", test.now, start, end, test.end)
			}
		})
	}
}
