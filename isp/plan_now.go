package isp

import (
	"context"
	"slices"
)

// ListNow is [Plans.List] from memory.
func (p *Plans) ListNow(ctx context.Context, types []PlanType) ([]*Plan, bool) {
	list, known := knownNow(ctx, p.list, struct{}{})
	if !known || slices.Contains(types, PlanTypeUnknown) {
		return nil, false
	}
	return list.ofTypes(types), true
}

// GetNow is [Plans.Get] from memory.
func (p *Plans) GetNow(ctx context.Context, id int) (*Plan, bool) {
	if !isID(id) {
		return nil, true
	}
	list, known := knownNow(ctx, p.list, struct{}{})
	if !known {
		return nil, false
	}
	return list.withID(id), true
}

// TypeNow is [Plans.Type] from memory.
func (p *Plans) TypeNow(ctx context.Context, id int) (PlanType, bool) {
	list, known := knownNow(ctx, p.list, struct{}{})
	if !known {
		return PlanTypeUnknown, false
	}
	return list.typeOf(id), true
}
