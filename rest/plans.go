package rest

import (
	"encoding/json"
	"errors"
	"net/http"

	"wisphub-graphql/isp"
)

const actionPlanNotFound = "INTERNET_PLAN_NOT_FOUND"

// planLabels are the labels of plan types as WispHub writes them.
var planLabels = map[isp.PlanType]string{isp.PlanPPPoE: "PPPOE", isp.PlanSimpleQueue: "SIMPLE QUEUE", isp.PlanPCQ: "PCQ"}

type planItem struct {
	PlanID int     `json:"plan_id"`
	Name   string  `json:"name"`
	Type   *string `json:"type"`
}

type planDetails struct {
	Name          string       `json:"name"`
	Price         *json.Number `json:"price"`
	DownloadSpeed *string      `json:"download_speed"`
	UploadSpeed   *string      `json:"upload_speed"`
}

// pcqPlan is a plan whose details WispHub does not publish.
type pcqPlan struct {
	planItem
	Note string `json:"note"`
}

func (a *api) listPlans(w http.ResponseWriter, r *http.Request) {
	plans, err := a.provider.Plans.List(r.Context(), nil)
	if err != nil {
		a.upstreamFailed(w, r, actionPlanNotFound, "plan", err)
		return
	}
	if len(plans) == 0 {
		a.info(w, actionPlanNotFound, "No hay planes de internet.", nil)
		return
	}
	items := make([]planItem, len(plans))
	for i, plan := range plans {
		planType, err := a.provider.Plans.Type(r.Context(), plan.PlanID)
		if err != nil {
			a.upstreamFailed(w, r, actionPlanNotFound, "plan", err)
			return
		}
		items[i] = planItem{plan.PlanID, plan.Name, nullIfEmpty(planLabels[planType])}
	}
	a.success(w, "INTERNET_PLANS_LISTED", items, nil)
}

func (a *api) getPlan(w http.ResponseWriter, r *http.Request) {
	found, missing, err := a.findPlan(r)
	switch {
	case err != nil:
		a.upstreamFailed(w, r, actionPlanNotFound, "plan", err)
	case found == nil:
		a.info(w, actionPlanNotFound, missing, nil)
	default:
		a.success(w, "INTERNET_PLAN_FOUND", found, nil)
	}
}

const (
	messageNoPlan        = "No existe ese plan."
	messageNoPlanDetails = "WispHub no tiene los datos de ese plan."
)

// findPlan returns a planDetails or a pcqPlan. It returns nil and a message for the subscriber when
// the plan does not exist, or when WispHub has no details of it.
func (a *api) findPlan(r *http.Request) (found any, missing string, err error) {
	ctx, id := r.Context(), pathID(r, "plan_id")
	if id == 0 {
		return nil, messageNoPlan, nil
	}
	plan, err := a.provider.Plans.Get(ctx, id)
	if err != nil || plan == nil {
		return nil, messageNoPlan, err
	}
	planType, err := a.provider.Plans.Type(ctx, id)
	if err != nil {
		return nil, "", err
	}
	if planType == isp.PlanPCQ {
		item := planItem{id, plan.Name, nullIfEmpty(planLabels[planType])}
		return pcqPlan{item, "WispHub no publica el precio ni la velocidad de los planes PCQ."}, "", nil
	}
	details, err := a.provider.Plans.Details(ctx, id)
	if errors.Is(err, isp.ErrNoPlanDetails) {
		return nil, messageNoPlanDetails, nil
	}
	if err != nil || details.Price.IsZero() && details.DownloadSpeed == "" && details.UploadSpeed == "" {
		return nil, messageNoPlanDetails, err
	}
	return planDetails{
		plan.Name, jsonNumber(details.Price), nullIfEmpty(string(details.DownloadSpeed)), nullIfEmpty(string(details.UploadSpeed)),
	}, "", nil
}

// jsonNumber returns an amount as a JSON number without rounding it, nil for no amount.
func jsonNumber(amount isp.Decimal) *json.Number {
	if amount.IsZero() {
		return nil
	}
	return new(json.Number(amount.String()))
}
