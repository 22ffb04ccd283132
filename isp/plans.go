package isp

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"wisphub-graphql/cache"
	"wisphub-graphql/isp/text"
	"wisphub-graphql/wisphub"
)

// detailsParallel bounds how many plans are asked for at the same time.
const detailsParallel = 4

// Plan is an internet plan. It is immutable and shared.
//
// What a client's row says of its plan is the id and the name alone; the rest is [Plans.Type] and [Plans.Details].
type Plan struct {
	ID     string
	PlanID int
	Name   string
}

// IsNode implements [Node].
func (*Plan) IsNode() {}

// folded returns the name as compared, "" for no plan.
func (p *Plan) folded() string {
	if p == nil {
		return ""
	}
	return text.Fold(p.Name)
}

// PlanType is the family of a plan.
type PlanType string

// The plan families. PlanTypeUnknown is for reading only.
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

// PlanDetails is what a plan costs and gives. The zero value is that of a PCQ plan, whose details WispHub does not
// publish.
type PlanDetails struct {
	Price         Decimal
	DownloadSpeed Text
	UploadSpeed   Text
	// DownloadKbps and UploadKbps are nil when the text has no unit or could not be understood.
	DownloadKbps *int
	UploadKbps   *int
}

// Plans lists the plans and knows their details, one call a plan when not in memory.
type Plans struct {
	api     *wisphub.API
	list    *cache.Cache[struct{}, *planList]
	details *cache.Cache[int, *PlanDetails]
}

// planList is the plans of the tenant in WispHub's order.
type planList struct {
	plans []*Plan
	types map[int]PlanType
}

func newPlans(api *wisphub.API, cfg Config) *Plans {
	p := &Plans{api: api}
	p.list = newCache(cfg.catalogue("plans", cfg.PlansTTL), p.read)
	p.list.Persist(cache.Codec[*planList]{Encode: encodePlanList, Decode: decodePlanList}, cfg.Shared)
	details := cfg.catalogue("plan", cfg.PlanTTL)
	details.NotFound, details.NotFoundTTL = isNotFound, notFoundTTL
	p.details = newCache(details, p.readDetails)
	p.details.Persist(cache.Codec[*PlanDetails]{Encode: encodeJSON[*PlanDetails], Decode: decodeJSON[PlanDetails]}, cfg.Shared)
	return p
}

// List returns the plans of the given families, all for nil.
func (p *Plans) List(ctx context.Context, types []PlanType) ([]*Plan, error) {
	if slices.Contains(types, PlanTypeUnknown) {
		return nil, invalid("UNKNOWN is for reading and cannot be asked for", "type")
	}
	list, err := p.all(ctx)
	if err != nil || types == nil {
		return list.plans, err
	}
	return slices.DeleteFunc(slices.Clone(list.plans), func(plan *Plan) bool {
		return !slices.Contains(types, list.types[plan.PlanID])
	}), nil
}

// Get returns the plan with the id, nil when there is none.
func (p *Plans) Get(ctx context.Context, id int) (*Plan, error) {
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

// Type returns the family of a plan, PlanTypeUnknown for a plan that is not in the list.
func (p *Plans) Type(ctx context.Context, id int) (PlanType, error) {
	list, err := p.all(ctx)
	if known, ok := list.types[id]; ok {
		return known, err
	}
	return PlanTypeUnknown, err
}

// Details returns what a plan costs and gives.
func (p *Plans) Details(ctx context.Context, id int) (*PlanDetails, error) {
	entry, err := p.details.Get(ctx, id)
	if errors.Is(err, errNotFound) {
		return &PlanDetails{}, nil
	}
	return entry.Value, fetchError("plan", err)
}

// KnownDetails returns the details that memory holds, without a call. It spares a hit the wait for a batch.
func (p *Plans) KnownDetails(ctx context.Context, id int) (*PlanDetails, bool) {
	if _, known := p.details.Peek(id); !known {
		return nil, false
	}
	details, err := p.Details(ctx, id) // at once, and refreshed behind the scenes when it is old
	return details, err == nil
}

// ManyDetails returns the details of several plans, and the error of each that failed, in the order of the ids.
func (p *Plans) ManyDetails(ctx context.Context, ids []int) ([]*PlanDetails, []error) {
	details, errs := make([]*PlanDetails, len(ids)), make([]error, len(ids))
	inParallel(detailsParallel, len(ids), func(i int) {
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

// read is the list's loader.
func (p *Plans) read(ctx context.Context, _ struct{}) (*planList, error) {
	rows, err := p.api.Plans.List(ctx)
	if err != nil {
		return nil, err
	}
	list := &planList{types: make(map[int]PlanType, len(rows))}
	for _, row := range rows {
		list.add(int(row.ID), text.Visible(string(row.Name)), planTypes[wisphub.ParsePlanType(string(row.Type))])
	}
	return list, nil
}

// add appends a plan unless it has no id, or one that is there already.
func (l *planList) add(id int, name string, family PlanType) {
	if _, twice := l.types[id]; id <= 0 || twice {
		return
	}
	l.types[id] = family
	l.plans = append(l.plans, &Plan{ID: nodeID("plan", id), PlanID: id, Name: name})
}

// readDetails is the details' loader. The family decides where they are; PCQ plans have none.
func (p *Plans) readDetails(ctx context.Context, id int) (*PlanDetails, error) {
	family, err := p.Type(ctx, id)
	if err != nil {
		return nil, err
	}
	var row *wisphub.PlanDetail
	switch family {
	case PlanPPPoE:
		row, err = p.api.Plans.PPPoE(ctx, id)
	case PlanSimpleQueue:
		row, err = p.api.Plans.Queue(ctx, id)
	case PlanPCQ:
		return &PlanDetails{}, nil
	default: // not in the list yet, or of a family to come: not known for long
		return nil, errNotFound
	}
	if errors.Is(err, wisphub.ErrNotFound) {
		return nil, errNotFound
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

// parseSpeed reads "20M", "512k", "1.5 Mbps" in kilobits per second. A number without unit is nil: WispHub hands it to a
// router that reads it as bits, and the office that typed it meant megabits.
func parseSpeed(text string) *int {
	text = strings.ReplaceAll(strings.ToLower(text), " ", "")
	for _, suffix := range []string{"bit/s", "bits", "bps", "b/s", "b"} {
		text = strings.TrimSuffix(text, suffix)
	}
	for _, unit := range speedUnits {
		number, found := strings.CutSuffix(text, unit.prefix)
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
