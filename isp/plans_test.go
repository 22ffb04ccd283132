package isp

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/wisphubtest"
)

// Plans of the simulated WispHub, by type.
const (
	pppoePlan, queuePlan, pcqPlan = 3, 10, 15
	noPlan                        = 999
)

func TestPlans_ListGetAndType(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	plans, err := provider.Plans.List(t.Context(), nil)
	if err != nil || len(plans) != 14 || *plans[0] != (Plan{"plan:1", 1, "Plan 10"}) {
		t.Fatalf("List(nil) = %v, %v, want 14 plans, Plan 10 first", plans, err)
	}
	for _, test := range []struct {
		types []PlanType
		count int
	}{
		{[]PlanType{PlanPPPoE}, 7},
		{[]PlanType{PlanSimpleQueue}, 5},
		{[]PlanType{PlanPCQ}, 2},
		{[]PlanType{PlanPCQ, PlanPPPoE, PlanPCQ}, 9},
		{[]PlanType{}, 0},
	} {
		if got, err := provider.Plans.List(t.Context(), test.types); err != nil || len(got) != test.count {
			t.Errorf("List(%v) = %d plans, %v, want %d", test.types, len(got), err, test.count)
		}
	}
	for id, want := range map[int]PlanType{pppoePlan: PlanPPPoE, queuePlan: PlanSimpleQueue, pcqPlan: PlanPCQ, noPlan: PlanTypeUnknown} {
		if got, err := provider.Plans.Type(t.Context(), id); err != nil || got != want {
			t.Errorf("Type(%d) = %s, %v, want %s", id, got, err, want)
		}
	}
	if plan, err := provider.Plans.Get(t.Context(), pppoePlan); err != nil || plan.Name != "Plan 50 Fibra" {
		t.Errorf("Get(%d) = %v, %v, want Plan 50 Fibra", pppoePlan, plan, err)
	}
	if plan, err := provider.Plans.Get(t.Context(), noPlan); err != nil || plan != nil {
		t.Errorf("Get(%d) = %v, %v, want nil", noPlan, plan, err)
	}
	wantCalls(t, upstream, 1)
	if after, _ := provider.Plans.List(t.Context(), nil); len(after) != 14 {
		t.Errorf("List(nil) = %d plans after lists by type, want 14", len(after))
	}
	_, err = provider.Plans.List(t.Context(), []PlanType{PlanPCQ, PlanTypeUnknown})
	wantInputError(t, "List(UNKNOWN)", err, "type")
}

func TestPlans_MalformedRows(t *testing.T) {
	t.Parallel()
	provider, _ := connect(t, serve(t, respondJSON(`{"count":7,"results":[{"id":"2","nombre":"Dos ","tipo":"pcq"},{"id":1,"nombre":null,
		"tipo":"Starlink"},{"nombre":"Sin id"},{"id":0},null,"x",{"id":3,"nombre":7,"tipo":null}]}`)))
	plans, err := provider.Plans.List(t.Context(), nil)
	var got []Plan
	for _, plan := range plans {
		got = append(got, *plan)
	}
	if want := []Plan{{"plan:2", 2, "Dos"}, {"plan:1", 1, ""}, {"plan:3", 3, "7"}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("List() = %v, %v, want %v", got, err, want)
	}
	for id, want := range map[int]PlanType{2: PlanPCQ, 1: PlanTypeUnknown, 3: PlanTypeUnknown} {
		if got, err := provider.Plans.Type(t.Context(), id); err != nil || got != want {
			t.Errorf("Type(%d) = %s, %v, want %s", id, got, err, want)
		}
	}
}

// wantDetails compares price and speeds as text, and the kbps; -1 means nil.
func wantDetails(tb testing.TB, id int, details *PlanDetails, price, down, up string, downKbps, upKbps int) {
	tb.Helper()
	kbps := func(speed *int) int {
		if speed == nil {
			return -1
		}
		return *speed
	}
	if details == nil || details.Price.String() != price || string(details.DownloadSpeed) != down || string(details.UploadSpeed) != up ||
		kbps(details.DownloadKbps) != downKbps || kbps(details.UploadKbps) != upKbps {
		tb.Errorf("Details(%d) = %+v, want %s, %s/%s, %d/%d kbps", id, details, price, down, up, downKbps, upKbps)
	}
}

// The list costs one call, and so do the details of each plan that has any.
func TestPlans_Details(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	get := func(id int) *PlanDetails {
		t.Helper()
		details, err := provider.Plans.Details(t.Context(), id)
		if err != nil {
			t.Errorf("Details(%d) failed: %v", id, err)
		}
		return details
	}
	if _, known := provider.Plans.KnownDetails(t.Context(), pppoePlan); known {
		t.Errorf("KnownDetails(%d) = true before the first call, want false", pppoePlan)
	}
	wantDetails(t, pppoePlan, get(pppoePlan), "65000.00", "50M", "25M", 50_000, 25_000)
	wantCalls(t, upstream, 2)
	wantDetails(t, queuePlan, get(queuePlan), "75000.00", "10240k", "5120k", 10_240, 5_120)
	wantCalls(t, upstream, 3)
	wantDetails(t, 8, get(8), "50000.00", "4", "2", -1, -1)
	wantCalls(t, upstream, 4)
	wantDetails(t, pcqPlan, get(pcqPlan), "", "", "", -1, -1)
	wantDetails(t, noPlan, get(noPlan), "", "", "", -1, -1)
	get(pppoePlan)
	if details, known := provider.Plans.KnownDetails(t.Context(), pppoePlan); !known || details.Price.String() != "65000.00" {
		t.Errorf("KnownDetails(%d) = %+v, %t, want the details", pppoePlan, details, known)
	}
	wantCalls(t, upstream, 4)
}

// Details that WispHub does not find are loaded again after half a minute.
func TestPlans_DetailsNotFound(t *testing.T) {
	t.Parallel()
	upstream, _ := simulate(t, 1)
	withoutDetails := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/plan-internet/pppoe/") {
			r.URL.Path = "/api/plan-internet/pppoe/999/"
		}
		upstream.ServeHTTP(w, r)
	})
	address := serve(t, withoutDetails)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		for _, step := range []struct {
			pause time.Duration
			calls int
		}{{0, 2}, {30*time.Second - 1, 2}, {1, 3}} {
			time.Sleep(step.pause)
			details, err := provider.Plans.Details(t.Context(), pppoePlan)
			if err != nil {
				t.Errorf("Details(%d) = %v, want empty details", pppoePlan, err)
			}
			wantDetails(t, pppoePlan, details, "", "", "", -1, -1)
			wantCalls(t, upstream, step.calls)
		}
	})
}

func TestPlans_ManyDetails(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	upstream.Forbid("/api/plan-internet/queue/{id}/")
	ids := []int{pcqPlan, queuePlan, pppoePlan, noPlan, 1, pppoePlan, 2, 4, 5}
	details, errs := provider.Plans.ManyDetails(t.Context(), ids)
	if len(details) != len(ids) || len(errs) != len(ids) {
		t.Fatalf("ManyDetails() = %d details, %d errors, want %d each", len(details), len(errs), len(ids))
	}
	prices := map[int]string{1: "45000.00", 2: "55000.00", pppoePlan: "65000.00", 4: "80000.00", 5: "110000.00"}
	for i, id := range ids {
		if id == queuePlan {
			fetch := (*FetchError)(nil)
			if !errors.As(errs[i], &fetch) || fetch.Noun != "plan" || details[i] != nil {
				t.Errorf("ManyDetails()[%d] = %v, %v, want a FetchError of plan", i, details[i], errs[i])
			}
			wantErrorIs(t, "ManyDetails()", errs[i], wisphub.ErrForbidden)
			continue
		}
		if errs[i] != nil || details[i].Price.String() != prices[id] {
			t.Errorf("ManyDetails()[%d] = %+v, %v, want plan %d with %q", i, details[i], errs[i], id, prices[id])
		}
	}
	wantCalls(t, upstream, 1+1+5)
	if details, errs := provider.Plans.ManyDetails(t.Context(), nil); len(details)+len(errs) != 0 {
		t.Errorf("ManyDetails(nil) = %v, %v, want empty lists", details, errs)
	}
}

func TestPlans_UpstreamDown(t *testing.T) {
	t.Parallel()
	upstream, provider := open(t, 1)
	upstream.SetFaults(wisphubtest.Faults{Down: true})
	_, listErr := provider.Plans.List(t.Context(), nil)
	_, getErr := provider.Plans.Get(t.Context(), 1)
	_, typeErr := provider.Plans.Type(t.Context(), 1)
	_, detailsErr := provider.Plans.Details(t.Context(), 1)
	for _, err := range []error{listErr, getErr, typeErr, detailsErr} {
		wantErrorIs(t, "read while WispHub is down", err, ErrUpstreamUnavailable)
		if fetch := (*FetchError)(nil); !errors.As(err, &fetch) || fetch.Noun != "plan" {
			t.Errorf("read while WispHub is down = %v, want a FetchError of plan", err)
		}
	}
	wantCalls(t, upstream, 8) // each read is tried twice
}

func TestPlans_DetailsPrice(t *testing.T) {
	t.Parallel()
	for price, want := range map[string]string{
		`"65000.00"`: "65000.00", `65000`: "65000.00", `"0"`: "0.00", `65000.5`: "65000.50",
		`""`: "", `null`: "", `"gratis"`: "", `[]`: "", `"$ 65.000"`: "",
	} {
		provider, _ := connect(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body := `{"count":1,"results":[{"id":1,"tipo":"PPPoE"}]}`
			if r.URL.Path != "/api/plan-internet/" {
				body = `{"precio":` + price + `,"bajada":null,"subida":20}`
			}
			respondJSON(body).ServeHTTP(w, r)
		})))
		details, err := provider.Plans.Details(t.Context(), 1)
		if err != nil || details.Price.String() != want || details.DownloadSpeed != "" || details.UploadSpeed != "20" {
			t.Errorf("Details() of price %s = %+v, %v, want %q", price, details, err, want)
		}
	}
}

func TestParseSpeed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want int // -1 for nil
	}{
		{"20M", 20_000}, {"20m", 20_000}, {"512k", 512}, {"10240K", 10_240}, {"1G", 1_000_000}, {"1.5M", 1_500}, {"0M", 0},
		{"20 Mbps", 20_000}, {"20 Mb/s", 20_000}, {"20Mbit/s", 20_000}, {"20 mbits", 20_000}, {" 700 M ", 700_000}, {"1.0004k", 1},
		{"", -1}, {"M", -1}, {"20", -1}, {"20000", -1}, {"-5M", -1}, {"1,5M", -1}, {"10M/20M", -1}, {"20 Megas", -1}, {"ilimitado", -1},
		{"infM", -1}, {"nanM", -1}, {"1e30M", -1}, {"2147483647k", 2147483647}, {"2147483647.9k", -1}, {"2147484M", -1}, {"20T", -1},
	}
	for _, test := range tests {
		got := -1
		if kbps := parseSpeed(test.text); kbps != nil {
			got = *kbps
		}
		if got != test.want {
			t.Errorf("parseSpeed(%q) = %d, want %d", test.text, got, test.want)
		}
	}
}

func FuzzParseSpeed(f *testing.F) {
	for _, seed := range []string{"20M", "1.5 Mbps", "infg", "0x1p30m", "1_0k", "-0m", "\xffM"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if kbps := parseSpeed(text); kbps != nil && (*kbps < 0 || *kbps > 1<<31-1) {
			t.Errorf("parseSpeed(%q) = %d, want 0 to 2147483647", text, *kbps)
		}
	})
}

// A client's row may name a plan that the cached list lacks. Once the list has the plan, its price
// must appear within half a minute, not within an hour.
func TestPlans_DetailsOfNewPlan(t *testing.T) {
	t.Parallel()
	var listed atomic.Bool
	upstream := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path != "/api/plan-internet/":
			_, _ = w.Write([]byte(`{"precio":"65000.00"}`))
		case listed.Load():
			_, _ = w.Write([]byte(`{"count":1,"results":[{"id":1,"nombre":"Plan 1","tipo":"PPPoE"}]}`))
		default:
			_, _ = w.Write([]byte(`{"count":0,"results":[]}`))
		}
	})
	address := serve(t, upstream)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		details, err := provider.Plans.Details(t.Context(), 1)
		if err != nil || !details.Price.IsZero() {
			t.Fatalf("Details(1) of a plan that is not listed = %+v, %v, want empty details", details, err)
		}
		listed.Store(true)
		if _, err := provider.Plans.list.Refresh(t.Context(), struct{}{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(notFoundTTL)
		if details, err = provider.Plans.Details(t.Context(), 1); err != nil || details.Price.String() != "65000.00" {
			t.Errorf("Details(1) after the plan was listed = %+v, %v, want its price", details, err)
		}
	})
}
