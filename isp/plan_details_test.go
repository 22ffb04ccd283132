package isp

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// manyPlans simulates the plans 1 to 45 of a provider. It counts the calls for details.
type manyPlans struct {
	calls  atomic.Int64
	status atomic.Int64 // of details
}

const planCount = 45

func (p *manyPlans) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/api/plan-internet/" {
		rows := make([]string, planCount)
		for i := range rows {
			rows[i] = fmt.Sprintf(`{"id":%d,"nombre":"Plan %d","tipo":"PPPoE"}`, i+1, i+1)
		}
		_, _ = fmt.Fprintf(w, `{"count":%d,"results":[%s]}`, planCount, strings.Join(rows, ","))
		return
	}
	p.calls.Add(1)
	w.WriteHeader(int(p.status.Load()))
	_, _ = w.Write([]byte(`{"precio":"65000.00"}`))
}

func planIDs() []int {
	ids := make([]int, planCount)
	for i := range ids {
		ids[i] = i + 1
	}
	return ids
}

// wantDetailCalls asks for the details of all plans that are not in memory, as a response does, and
// returns the errors. It checks what that costs the caller, and how many calls it makes.
func (p *manyPlans) wantDetailCalls(t *testing.T, provider *Provider, counted, calls int) []error {
	t.Helper()
	var missing []int
	for _, id := range planIDs() {
		if _, known := provider.Plans.KnownDetails(t.Context(), id); !known {
			missing = append(missing, id)
		}
	}
	before := p.calls.Load()
	if got := provider.Plans.DetailCalls(missing, len(missing)); got != counted {
		t.Errorf("DetailCalls(%d plans) = %d, want %d", len(missing), got, counted)
	}
	_, errs := provider.Plans.ManyDetails(t.Context(), missing)
	if got := int(p.calls.Load() - before); got != calls {
		t.Errorf("the details of %d plans cost %d calls, want %d", len(missing), got, calls)
	}
	return errs
}

// The details of 45 plans are one reading for all callers, which costs none of them anything, and a
// call a plan in an hour. A few plans cost their caller a call each.
func Test14_2_PlanDetailsAreReadOnceForAll(t *testing.T) {
	t.Parallel()
	upstream := &manyPlans{}
	upstream.status.Store(http.StatusOK)
	address := serve(t, upstream)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		if got := provider.Plans.DetailCalls([]int{1, 2, 3}, 3); got != 3 {
			t.Errorf("DetailCalls of three plans = %d, want 3", got)
		}
		var callers sync.WaitGroup
		for range 10 {
			callers.Go(func() {
				if got := provider.Plans.DetailCalls(planIDs(), planCount); got != 0 {
					t.Errorf("DetailCalls of all plans = %d, want 0", got)
				}
				details, errs := provider.Plans.ManyDetails(t.Context(), planIDs())
				for i, err := range errs {
					if err != nil || details[i].Price.String() != "65000.00" {
						t.Errorf("ManyDetails()[%d] = %+v, %v, want a price", i, details[i], err)
					}
				}
			})
		}
		callers.Wait()
		if got := upstream.calls.Load(); got != planCount {
			t.Errorf("ten callers cost %d calls, want %d", got, planCount)
		}
		time.Sleep(time.Hour - 1)
		upstream.wantDetailCalls(t, provider, 0, 0)
	})
}

// Plans of which WispHub has no details, or refuses them, do not cost a call each time.
func Test14_2_PlanDetailsThatFail(t *testing.T) {
	t.Parallel()
	for status, again := range map[int]struct{ counted, calls int }{
		http.StatusNotFound:            {0, 0},                 // kept for an hour
		http.StatusBadRequest:          {planCount, planCount}, // single look-ups, which the limit of an operation refuses
		http.StatusServiceUnavailable:  {0, -1},                // another shared reading, which the breaker limits
		http.StatusInternalServerError: {0, -1},
	} {
		upstream := &manyPlans{}
		upstream.status.Store(int64(status))
		address := serve(t, upstream)
		bubbled(t, strconv.Itoa(status), func(t *testing.T) {
			provider, _ := connect(t, address)
			for range 2 {
				_ = provider.Plans.DetailCalls(planIDs(), planCount)
				_, _ = provider.Plans.ManyDetails(t.Context(), planIDs())
				break
			}
			time.Sleep(2 * time.Minute)
			if again.calls >= 0 {
				upstream.wantDetailCalls(t, provider, again.counted, again.calls)
			} else if got := provider.Plans.DetailCalls(planIDs(), planCount); got != again.counted {
				t.Errorf("DetailCalls() = %d after a failure, want %d", got, again.counted)
			}
		})
	}
}

// A plan that WispHub's list lacks has known details, however long ago it was asked for: its clients
// cost no call and wait for no batch.
func Test16_5_DeletedPlanIsAKnownAnswer(t *testing.T) {
	t.Parallel()
	upstream, _ := simulate(t, 1)
	address := serve(t, upstream)
	synctest.Test(t, func(t *testing.T) {
		provider, _ := connect(t, address)
		if _, known := provider.Plans.KnownDetails(t.Context(), noPlan); known {
			t.Error("KnownDetails() = true without a list, want false")
		}
		if _, err := provider.Plans.List(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			for _, id := range []int{noPlan, pcqPlan} {
				if details, known := provider.Plans.KnownDetails(t.Context(), id); !known || *details != (PlanDetails{}) {
					t.Errorf("KnownDetails(%d) = %+v, %t, want empty details", id, details, known)
				}
			}
			if _, known := provider.Plans.KnownDetails(t.Context(), pppoePlan); known {
				t.Errorf("KnownDetails(%d) = true before its details were read", pppoePlan)
			}
			time.Sleep(2 * notFoundTTL)
		}
		synctest.Wait()
		wantCalls(t, upstream, 1)
	})
}
