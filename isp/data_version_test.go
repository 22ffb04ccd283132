package isp

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"
)

// Each part of the version is needed: there is a change of an answer that alters this part alone.
// So a version without the part, or a part that is not counted, fails its row.
func Test16_2_DataVersion_EachPartAlone(t *testing.T) {
	t.Parallel()
	rows := uncachedParts()
	maps.Copy(rows, listParts())
	maps.Copy(rows, ticketParts())
	for name, row := range rows {
		versionedTest(t, name, row.warm, func(t *testing.T, v *versioned) {
			if row.before != nil {
				row.before(v)
				time.Sleep(time.Second)
			}
			before, answer := v.DataVersion(), row.answerOf(v)
			if again := v.DataVersion(); again != before {
				t.Errorf("DataVersion() = %+v after a read, want %+v", again, before)
			}
			row.change(v)
			after := v.DataVersion()
			if changed := row.answerOf(v); changed == answer && row.answer != nil {
				t.Errorf("the answer is still %.200s", answer)
			}
			if after == before {
				t.Fatal("DataVersion() is the same")
			}
			for _, version := range []*DataVersion{&before, &after} {
				switch part := row.part(version).(type) {
				case *uint64:
					*part = 0
				case *int64:
					*part = 0
				}
			}
			if after != before {
				t.Errorf("DataVersion() = %+v, want only one part to differ from %+v", after, before)
			}
		})
	}
}

// uncachedParts are the changes of parts of all but the caches.
func uncachedParts() map[string]versionRow {
	return map[string]versionRow{
		"a refresh of the directory": {
			warm:   true,
			change: func(v *versioned) { v.rename(); v.must(refresh(v.t, v.Provider)) },
			answer: answerClient(listedService),
			part:   func(version *DataVersion) any { return &version.directory },
		},
		"a write comes into the directory": {
			warm:   true,
			before: overrideName(listedService),
			change: func(v *versioned) { v.Clients.overrides.applied(nil) },
			answer: answerClient(listedService),
			part:   func(version *DataVersion) any { return &version.directory },
		},
		"a write of a service that the directory lacks": {
			warm:   true,
			before: findNew,
			change: overrideName(newService),
			answer: answerClient(newService),
			part:   func(version *DataVersion) any { return &version.writes[0] },
		},
		"a write of a ticket": {
			warm: true,
			change: func(v *versioned) {
				found, _ := v.Tickets.GetNow(v.t.Context(), recentTicket)
				changed := *found
				changed.Subject = "Other"
				v.Tickets.overrides.set([]*Ticket{&changed}, time.Now(), true)
			},
			answer: answerTicket(recentTicket),
			part:   func(version *DataVersion) any { return &version.writes[1] },
		},
		"a page of the first crawl": {
			change: func(v *versioned) {
				v.Clients.progress.add(v.Clients.progress.begin(), 0, progressPage(1, listedService))
			},
			answer: func(v *versioned) string {
				return fmt.Sprint(len(v.Clients.onPages(lookup{field: byServiceID, id: listedService})))
			},
			part: func(version *DataVersion) any { return &version.pages },
		},
		"midnight": {
			warm: true,
			change: func(v *versioned) {
				year, month, day := time.Now().In(bogota).Date()
				time.Sleep(time.Until(time.Date(year, month, day+1, 0, 0, 0, 0, bogota)))
			},
			answer: answerTickets,
			part:   func(version *DataVersion) any { return &version.day },
		},
	}
}

// listParts are the changes of parts of the caches of clients, plans and catalogues.
func listParts() map[string]versionRow {
	return map[string]versionRow{
		"a client that is looked up": {warm: true, change: findNew, answer: answerClient(newService), part: setPart(0)},
		"plans": {
			warm:   true,
			change: func(v *versioned) { v.rename(); v.must(ignoring(v.Plans.list.Refresh(v.t.Context(), struct{}{}))) },
			answer: func(v *versioned) string {
				return v.answer(func(ctx context.Context) (any, bool) { return nowOf(v.Plans.ListNow(ctx, nil)) })
			},
			part: setPart(1),
		},
		"details of a plan": {
			warm:   true,
			change: func(v *versioned) { v.must(ignoring(v.Plans.Details(v.t.Context(), anyPlan(v)))) },
			answer: func(v *versioned) string {
				return v.answer(func(ctx context.Context) (any, bool) { return nowOf(v.Plans.KnownDetails(ctx, anyPlan(v))) })
			},
			part: setPart(2),
		},
		"zones":           catalogueRow(3, func(p *Provider) *catalogue[Zone] { return p.Zones.catalogue }),
		"routers":         catalogueRow(4, func(p *Provider) *catalogue[Router] { return p.Routers.catalogue }),
		"staff":           catalogueRow(5, func(p *Provider) *catalogue[Staff] { return p.Staff.catalogue }),
		"payment methods": catalogueRow(6, func(p *Provider) *catalogue[PaymentMethod] { return p.PaymentMethods.catalogue }),
		"subjects":        catalogueRow(10, func(p *Provider) *catalogue[TicketSubject] { return p.Subjects.catalogue }),
		"details that are expired": {
			warm:   true,
			before: func(v *versioned) { v.must(ignoring(v.Plans.Details(v.t.Context(), anyPlan(v)))) },
			change: func(v *versioned) { v.Plans.details.Expire() },
			part:   setPart(2),
		},
	}
}

// ticketParts are the changes of parts of the caches of tickets.
func ticketParts() map[string]versionRow {
	return map[string]versionRow{
		"recent tickets":      {warm: true, change: putAndRefresh(ticketPart{}), answer: answerTickets, part: setPart(7)},
		"older tickets":       {warm: true, change: putAndRefresh(ticketPart{window: 1}), answer: answerTickets, part: setPart(8)},
		"a ticket of any age": {warm: true, change: func(v *versioned) { v.must(ignoring(v.Tickets.Get(v.t.Context(), horizonTicket))) }, answer: answerTicket(horizonTicket), part: setPart(9)},
	}
}
