package rest

import (
	"encoding/json"
	"net/http"

	"wisphub-graphql/isp"
)

const actionPlanNotFound = "INTERNET_PLAN_NOT_FOUND"

// planLabels are the families as WispHub writes them.
var planLabels = map[isp.PlanType]string{isp.PlanPPPoE: "PPPOE", isp.PlanSimpleQueue: "SIMPLE QUEUE", isp.PlanPCQ: "PCQ"}

type listedPlan struct {
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

// notedPlan is one without details.
type notedPlan struct {
	listedPlan
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
	listed := make([]listedPlan, len(plans))
	for i, plan := range plans {
		family, err := a.provider.Plans.Type(r.Context(), plan.PlanID)
		if err != nil {
			a.upstreamFailed(w, r, actionPlanNotFound, "plan", err)
			return
		}
		listed[i] = listedPlan{plan.PlanID, plan.Name, text(planLabels[family])}
	}
	a.success(w, "INTERNET_PLANS_LISTED", listed, nil)
}

func (a *api) getPlan(w http.ResponseWriter, r *http.Request) {
	found, err := a.findPlan(r)
	switch {
	case err != nil:
		a.upstreamFailed(w, r, actionPlanNotFound, "plan", err)
	case found == nil:
		a.info(w, actionPlanNotFound, "No existe ese plan.", nil)
	default:
		a.success(w, "INTERNET_PLAN_FOUND", found, nil)
	}
}

// findPlan returns what is told of a plan, nil when there is none.
func (a *api) findPlan(r *http.Request) (any, error) {
	ctx, id := r.Context(), pathNumber(r, "plan_id")
	if id == 0 {
		return nil, nil
	}
	plan, err := a.provider.Plans.Get(ctx, id)
	if err != nil || plan == nil {
		return nil, err
	}
	family, err := a.provider.Plans.Type(ctx, id)
	if err != nil {
		return nil, err
	}
	if family == isp.PlanPCQ {
		return notedPlan{listedPlan{id, plan.Name, text(planLabels[family])}, "WispHub no publica el precio ni la velocidad de los planes PCQ."}, nil
	}
	details, err := a.provider.Plans.Details(ctx, id)
	if err != nil {
		return nil, err
	}
	return planDetails{plan.Name, number(details.Price), text(string(details.DownloadSpeed)), text(string(details.UploadSpeed))}, nil
}

// number is money as a JSON number, exactly; nil for none.
func number(amount isp.Decimal) *json.Number {
	if amount.IsZero() {
		return nil
	}
	return new(json.Number(amount.String()))
}
