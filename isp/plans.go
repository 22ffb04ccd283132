package isp

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"wisphub-graphql/cache"
	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

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

func newPlan(row wisphub.Ref) *Plan {
	return &Plan{ID: nodeID("plan", int(row.ID)), PlanID: int(row.ID), Name: text.Visible(string(row.Name))}
}

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

// Plans lists the plans and reads their details. The details of a plan that are not in memory cost
// one upstream call. Those of many plans are read once for all callers.
type Plans struct {
	api     *wisphub.API
	labels  *unknownLabels
	list    *cache.Cache[struct{}, *planList]
	details *cache.Cache[int, *PlanDetails]
	shared  sharedDetails
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
	p.details = newLookupCache(details, p.loadDetails)
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
	return list.ofTypes(types), err
}

// ofTypes returns the plans of the given types, or all plans for nil.
func (l *planList) ofTypes(types []PlanType) []*Plan {
	if types == nil {
		return l.plans
	}
	return slices.DeleteFunc(slices.Clone(l.plans), func(plan *Plan) bool {
		return !slices.Contains(types, l.types[plan.PlanID])
	})
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
	return list.withID(id), nil
}

// withID returns the plan with the id, or nil.
func (l *planList) withID(id int) *Plan {
	at := slices.IndexFunc(l.plans, func(plan *Plan) bool { return plan.PlanID == id })
	if at < 0 {
		return nil
	}
	return l.plans[at]
}

// Type returns the type of a plan, PlanTypeUnknown for a plan that is not in the list.
func (p *Plans) Type(ctx context.Context, id int) (PlanType, error) {
	list, err := p.all(ctx)
	return list.typeOf(id), err
}

// typeOf returns the type of a plan, PlanTypeUnknown for a plan that is not in the list.
func (l *planList) typeOf(id int) PlanType {
	if known, ok := l.types[id]; ok {
		return known
	}
	return PlanTypeUnknown
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
