package isp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"wisphub-graphql/wisphub"
	"wisphub-graphql/wisphub/ratelimit"
)

const (
	// maxParallelDetails limits the concurrent loads of one [Plans.ManyDetails].
	maxParallelDetails = ratelimit.MaxConnections
	// fewDetails is how many plans a response may ask for as single look-ups.
	fewDetails = 5
)

// PlanDetails are the price and the speeds of a plan. They are the zero value for a PCQ plan,
// whose details WispHub does not publish.
type PlanDetails struct {
	Price         Decimal
	DownloadSpeed Text
	UploadSpeed   Text
	// DownloadKbps and UploadKbps are nil when the text has no unit or is malformed.
	DownloadKbps *int
	UploadKbps   *int
}

// ErrNoPlanDetails means that WispHub answered with a record that is not the details of a plan.
var ErrNoPlanDetails = errors.New("no details of the plan")

// noPlanDetails are those of a plan of which WispHub has none.
var noPlanDetails = &PlanDetails{}

// Details returns the details of a plan. They are empty when WispHub has none. An empty record is
// [ErrNoPlanDetails] within a [*FetchError].
func (p *Plans) Details(ctx context.Context, id int) (*PlanDetails, error) {
	entry, err := p.details.Get(ctx, id)
	if errors.Is(err, errNotFound) {
		return noPlanDetails, nil
	}
	return entry.Value, fetchError("plan", err)
}

// KnownDetails returns the details if they are in memory. A resolver that gets them need not wait
// for the batch of a loader. A plan that the list in memory lacks has none, however long ago it was
// deleted.
func (p *Plans) KnownDetails(ctx context.Context, id int) (*PlanDetails, bool) {
	details, known := foundNow(ctx, p.details, id)
	if !known && p.lacksDetails(ctx, id) || known && details == nil {
		return noPlanDetails, true // as Details says
	}
	return details, known
}

// lacksDetails reports whether WispHub is known to have no details of a plan, because of its type or
// because the list does not have it.
func (p *Plans) lacksDetails(ctx context.Context, id int) bool {
	planType, known := p.TypeNow(ctx, id)
	return known && planType != PlanPPPoE && planType != PlanSimpleQueue
}

// ManyDetails returns the details and the error of each plan, in the order of the ids.
// [Plans.DetailCalls] says what they cost.
func (p *Plans) ManyDetails(ctx context.Context, ids []int) ([]*PlanDetails, []error) {
	details, errs := make([]*PlanDetails, len(ids)), make([]error, len(ids))
	inParallel(maxParallelDetails, len(ids), func(i int) {
		details[i], errs[i] = p.Details(ctx, ids[i])
		p.shared.end(ids[i], errs[i])
	})
	return details, errs
}

// DetailCalls returns how many calls the details of plans cost their caller, who has asked for so
// many in all. They cost a call each, unless the caller asks for more than a few. Then all callers
// share one reading, which costs none of them anything. A plan is read that way once an hour.
func (p *Plans) DetailCalls(ids []int, asked int) int {
	// Those that another reading has brought since the caller looked cost nothing.
	ids = slices.DeleteFunc(slices.Clone(ids), func(id int) bool {
		_, known := p.details.Peek(id)
		return known
	})
	if asked <= fewDetails {
		return len(ids)
	}
	return p.shared.begin(ids)
}

// sharedDetails are the readings of details that many callers share. The zero value is ready to
// use. It is safe for concurrent use.
type sharedDetails struct {
	mu    sync.Mutex
	plans map[int]sharedDetail // read within the last hour; guarded by mu
}

type sharedDetail struct {
	began time.Time
	ended bool
}

// begin adds plans to the shared reading, or joins it. It returns how many were read within the
// hour, and yet are not in memory. Those are single look-ups again.
func (s *sharedDetails) begin(ids []int) (single int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for id, plan := range s.plans {
		if now.Sub(plan.began) >= time.Hour {
			delete(s.plans, id)
		}
	}
	if s.plans == nil {
		s.plans = map[int]sharedDetail{}
	}
	for _, id := range ids {
		plan, known := s.plans[id]
		switch {
		case !known:
			s.plans[id] = sharedDetail{began: now}
		case plan.ended:
			single++
		}
	}
	return single
}

// end ends the reading of a plan. One that got no answer may be read again: the breaker and the
// budget limit how often.
func (s *sharedDetails) end(id int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	plan, known := s.plans[id]
	switch {
	case !known:
	case isUnanswered(err):
		delete(s.plans, id)
	default:
		plan.ended = true
		s.plans[id] = plan
	}
}

// runs reports whether the plan is being read for many callers.
func (s *sharedDetails) runs(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	plan, known := s.plans[id]
	return known && !plan.ended
}

// isUnanswered reports whether a read failed before WispHub said anything about the record.
func isUnanswered(err error) bool {
	return err != nil && (upstreamStatus(err) == 0 || errors.Is(err, wisphub.ErrUnavailable) || errors.Is(err, wisphub.ErrRateLimited))
}

// loadDetails loads the details of a plan. Each type has a path of its own; PCQ plans have no
// details.
func (p *Plans) loadDetails(ctx context.Context, id int) (*PlanDetails, error) {
	isShared := p.shared.runs(id)
	if isShared {
		ctx = withSharedPriority(ctx)
	}
	planType, err := p.Type(ctx, id)
	if err != nil {
		return nil, err
	}
	var row *wisphub.PlanDetail
	switch planType {
	case PlanPPPoE:
		row, err = p.api.Plans.PPPoE(ctx, id)
	case PlanSimpleQueue:
		row, err = p.api.Plans.Queue(ctx, id)
	case PlanPCQ:
		return &PlanDetails{}, nil
	default: // a new plan that the list lacks, or a new type; remember it only for notFoundTTL
		return nil, errNotFound
	}
	if errors.Is(err, wisphub.ErrNotFound) && isShared {
		return &PlanDetails{}, nil // kept as long as details: many plans may have none
	}
	if errors.Is(err, wisphub.ErrNotFound) {
		return nil, errNotFound
	}
	if errors.Is(err, wisphub.ErrInvalidResponse) {
		return nil, rememberFor(notFoundTTL, fmt.Errorf("%w: %w", ErrNoPlanDetails, err))
	}
	if err != nil {
		return nil, err
	}
	return newPlanDetails(row), nil
}

func newPlanDetails(row *wisphub.PlanDetail) *PlanDetails {
	details := &PlanDetails{
		DownloadSpeed: Text(row.Download),
		UploadSpeed:   Text(row.Upload),
		DownloadKbps:  parseSpeed(string(row.Download)),
		UploadKbps:    parseSpeed(string(row.Upload)),
	}
	if row.Price.Valid {
		details.Price = NewDecimal(row.Price.Amount)
	}
	return details
}
