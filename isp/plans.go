package isp

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"wisphub-graphql/cache"
	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// maxParallelDetails limits the concurrent loads of one [Plans.ManyDetails].
const maxParallelDetails = 4

// Plan is an internet plan. It is immutable.
//
// It has only the fields that a client's row has. [Plans.Type] and [Plans.Details] return the
// rest.
type Plan struct {
	ID     string
	PlanID int
	Name   string
}

// IsNode implements [Node].
func (*Plan) IsNode() {}

// folded returns the name in the form that is compared, "" for a nil plan.
func (p *Plan) folded() string {
	if p == nil {
		return ""
	}
	return text.Fold(p.Name)
}

// PlanType says how WispHub enforces a plan on the router.
type PlanType string

// The types of a plan. Filters refuse PlanTypeUnknown.
const (
	PlanPPPoE       PlanType = "PPPOE"
	PlanSimpleQueue PlanType = "SIMPLE_QUEUE"
	PlanPCQ         PlanType = "PCQ"
	PlanTypeUnknown PlanType = "UNKNOWN"
)

var planTypes = map[wisphub.PlanType]PlanType{
	wisphub.PlanTypeUnknown: PlanTypeUnknown,
	wisphub.PlanPPPoE:       PlanPPPoE,
	wisphub.PlanSimpleQueue: PlanSimpleQueue,
	wisphub.PlanPCQ:         PlanPCQ,
}

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

// Plans lists the plans and reads their details. The details of a plan that are not in memory cost
// one upstream call.
type Plans struct {
	api     *wisphub.API
	labels  *unknownLabels
	list    *cache.Cache[struct{}, *planList]
	details *cache.Cache[int, *PlanDetails]
}

// planList has the plans in WispHub's order, and the type of each by its id.
type planList struct {
	plans []*Plan
	types map[int]PlanType
}

func newPlans(api *wisphub.API, cfg Config) *Plans {
	p := &Plans{api: api, labels: cfg.labels}
	p.list = newCache(cfg.cacheOptions("plans", cfg.PlansTTL), p.load)
	p.list.Persist(cache.Codec[*planList]{Encode: encodePlanList, Decode: decodePlanList}, cfg.Shared)
	details := cfg.cacheOptions("plan", cfg.PlanTTL)
	details.NotFound, details.NotFoundTTL, details.FailureTTL = isNotFound, notFoundTTL, onlyRemembered
	p.details = newCache(details, p.loadDetails)
	codec := cache.Codec[*PlanDetails]{Encode: encodeJSON[*PlanDetails], Decode: decodeJSON[PlanDetails]}
	p.details.Persist(codec, cfg.Shared)
	return p
}

// List returns the plans of the given types, or all plans for nil.
func (p *Plans) List(ctx context.Context, types []PlanType) ([]*Plan, error) {
	if slices.Contains(types, PlanTypeUnknown) {
		return nil, invalidUnknown("type")
	}
	list, err := p.all(ctx)
	if err != nil || types == nil {
		return list.plans, err
	}
	return slices.DeleteFunc(slices.Clone(list.plans), func(plan *Plan) bool {
		return !slices.Contains(types, list.types[plan.PlanID])
	}), nil
}

// Get returns the plan with the id, or nil when there is none.
func (p *Plans) Get(ctx context.Context, id int) (*Plan, error) {
	if !isID(id) {
		return nil, nil
	}
	list, err := p.all(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(list.plans, func(plan *Plan) bool { return plan.PlanID == id })
	if at < 0 {
		return nil, nil
	}
	return list.plans[at], nil
}

// Type returns the type of a plan, PlanTypeUnknown for a plan that is not in the list.
func (p *Plans) Type(ctx context.Context, id int) (PlanType, error) {
	list, err := p.all(ctx)
	if known, ok := list.types[id]; ok {
		return known, err
	}
	return PlanTypeUnknown, err
}

// ErrNoPlanDetails means that WispHub answered with a record that is not the details of a plan.
var ErrNoPlanDetails = errors.New("no details of the plan")

// Details returns the details of a plan. They are empty when WispHub has none. An empty record is
// [ErrNoPlanDetails] within a [*FetchError].
func (p *Plans) Details(ctx context.Context, id int) (*PlanDetails, error) {
	entry, err := p.details.Get(ctx, id)
	if errors.Is(err, errNotFound) {
		return &PlanDetails{}, nil
	}
	return entry.Value, fetchError("plan", err)
}

// KnownDetails returns the details if they are in memory. A resolver that gets them need not wait
// for the batch of a loader.
func (p *Plans) KnownDetails(ctx context.Context, id int) (*PlanDetails, bool) {
	if _, known := p.details.Peek(id); !known {
		return nil, false
	}
	details, err := p.Details(ctx, id) // returns at once; a stale value is refreshed in the background
	return details, err == nil
}

// ManyDetails returns the details and the error of each plan, in the order of the ids.
func (p *Plans) ManyDetails(ctx context.Context, ids []int) ([]*PlanDetails, []error) {
	details, errs := make([]*PlanDetails, len(ids)), make([]error, len(ids))
	inParallel(maxParallelDetails, len(ids), func(i int) {
		details[i], errs[i] = p.Details(ctx, ids[i])
	})
	return details, errs
}

func (p *Plans) all(ctx context.Context) (*planList, error) {
	entry, err := p.list.Get(ctx, struct{}{})
	if err != nil {
		return &planList{}, fetchError("plan", err)
	}
	return entry.Value, nil
}

// load loads the list.
func (p *Plans) load(ctx context.Context, _ struct{}) (*planList, error) {
	rows, err := p.api.Plans.List(ctx)
	if err != nil {
		return nil, err
	}
	list := &planList{types: make(map[int]PlanType, len(rows))}
	for _, row := range rows {
		planType := planTypes[wisphub.ParsePlanType(string(row.Type))]
		if planType == PlanTypeUnknown {
			p.labels.note("plan-internet.tipo", string(row.Type))
		}
		list.add(int(row.ID), text.Visible(string(row.Name)), planType)
	}
	return list, nil
}

// add appends a plan. It drops one without an id, and one whose id is in the list already.
func (l *planList) add(id int, name string, planType PlanType) {
	if _, found := l.types[id]; id <= 0 || found {
		return
	}
	l.types[id] = planType
	l.plans = append(l.plans, &Plan{ID: nodeID("plan", id), PlanID: id, Name: name})
}

// loadDetails loads the details of a plan. Each type has a path of its own; PCQ plans have no
// details.
func (p *Plans) loadDetails(ctx context.Context, id int) (*PlanDetails, error) {
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

var speedUnits = []struct {
	prefix string
	kbps   float64
}{{"k", 1}, {"m", 1000}, {"g", 1_000_000}}

// parseSpeed returns the kilobits per second of a speed such as "20M", "512k" or "1.5 Mbps". It
// returns nil for a number without a unit, which is ambiguous: routers read bits, but the office
// usually meant megabits.
func parseSpeed(speed string) *int {
	speed = strings.ReplaceAll(strings.ToLower(speed), " ", "")
	for _, suffix := range []string{"bit/s", "bits", "bps", "b/s", "b"} {
		speed = strings.TrimSuffix(speed, suffix)
	}
	for _, unit := range speedUnits {
		number, found := strings.CutSuffix(speed, unit.prefix)
		if !found {
			continue
		}
		value, err := strconv.ParseFloat(number, 64)
		if kbps := value * unit.kbps; err == nil && kbps >= 0 && kbps <= math.MaxInt32 {
			rounded := int(kbps + 0.5)
			return &rounded
		}
	}
	return nil
}
