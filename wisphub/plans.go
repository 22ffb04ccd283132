package wisphub

import (
	"context"
	"strconv"
)

const plansPath = "plan-internet"

// PlansService reads the internet plans.
type PlansService service

// Plan is a row of the plan list. It has no price and no speed (wisphub-net-api §8).
type Plan struct {
	ID   Int  `json:"id"`
	Name Text `json:"nombre"`
	Type Text `json:"tipo"` // a label, see ParsePlanType
}

// PlanDetail is the record of one PPPoE or simple queue plan.
type PlanDetail struct {
	Name  Text  `json:"nombre"`
	Price Money `json:"precio"`
	// Download and Upload are free text: "700M", "20", "10M/20M".
	Download Text `json:"bajada"`
	Upload   Text `json:"subida"`
}

// lacks insists on a price or a speed. A plan may have no price yet.
func (d *PlanDetail) lacks() string {
	if !d.Price.Valid && d.Download == "" && d.Upload == "" {
		return "precio, bajada and subida"
	}
	return ""
}

// List returns all plans.
func (s *PlansService) List(ctx context.Context) ([]Plan, error) {
	return readCatalogue(ctx, s.api, func(row *Plan) int { return int(row.ID) }, plansPath)
}

// PPPoE returns the details of a PPPoE plan. For a plan of another family WispHub refuses, for
// example with [ErrNotFound].
func (s *PlansService) PPPoE(ctx context.Context, id int) (*PlanDetail, error) {
	return getRecord[PlanDetail](ctx, s.api, plansPath+"/pppoe/"+idElement, strconv.Itoa(id))
}

// Queue returns the details of a simple queue plan. For a plan of another family WispHub refuses,
// for example with [ErrNotFound].
func (s *PlansService) Queue(ctx context.Context, id int) (*PlanDetail, error) {
	return getRecord[PlanDetail](ctx, s.api, plansPath+"/queue/"+idElement, strconv.Itoa(id))
}
