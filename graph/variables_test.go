package graph_test

import (
	"net/http"
	"testing"
)

// gqlparser ignores the case of enum values.
func TestVariables_Spelling(t *testing.T) {
	t.Parallel()
	tests := []struct {
		declaration, use string
		value            any
		message          string
		field            []string
	}{
		{"$v:ClientFilter", "clients(filter:$v){totalCount}", map[string]any{"status": []any{"active"}},
			"v.status: must be one of ACTIVE, SUSPENDED, CANCELLED, FREE, UNKNOWN", []string{"v", "status"}},
		{"$v:ClientOrder", "clients(orderBy:$v){totalCount}", map[string]any{"field": "name"},
			"v.field: must be one of SERVICE_ID, NAME, BALANCE, CUT_OFF_DATE, INSTALLED_AT", []string{"v", "field"}},
		{"$v:ClientOrder", "clients(orderBy:$v){totalCount}", map[string]any{"direction": "desc"},
			"v.direction: must be one of ASC, DESC", []string{"v", "direction"}},
		{"$v:[PlanType!]", "plans(type:$v){name}", []any{"PPPOE", "pppoe"},
			"v: must be one of PPPOE, SIMPLE_QUEUE, PCQ, UNKNOWN", []string{"v"}},
		{"$v:[PlanType!]", "plans(type:$v){name}", "pcq", "v: must be one of PPPOE, SIMPLE_QUEUE, PCQ, UNKNOWN", []string{"v"}},
		{"$v:String", "clients(search:$v){totalCount}", 5, "v: must be a string", []string{"v"}},
	}
	f := newFixture(t, fixtureConfig{})
	for _, tt := range tests {
		document := "query(" + tt.declaration + "){" + tt.use + "}"
		a := f.runWith(t, document, map[string]any{"v": tt.value})
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s with %v = %d %s, want 422", document, tt.value, a.status, a.body)
		}
		wantError(t, document, a, "BAD_USER_INPUT", tt.message, tt.field...)
	}
	if got := f.upstream.Total(); got != 0 {
		t.Errorf("refused variables cost %d upstream calls, want none", got)
	}
}
