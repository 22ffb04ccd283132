package auth

import (
	"slices"
	"strings"
	"testing"
)

func TestParseScopes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		list string
		want []Scope
	}{
		{"read", []Scope{ScopeRead}},
		{"read,support", []Scope{ScopeRead, ScopeSupport}},
		{" Admin , SUPPORT ", []Scope{ScopeRead, ScopeSupport, ScopeAdmin}},
		{"operate,operate", []Scope{ScopeRead, ScopeOperate}},
		{"", nil},
		{"read,", nil},
		{"read,root", nil},
		{"read support", nil},
	} {
		got, err := ParseScopes(test.list)
		if !slices.Equal(got, test.want) || (err != nil) != (test.want == nil) {
			t.Errorf("ParseScopes(%q) = %v, %v, want %v", test.list, got, err, test.want)
		}
	}
}

func TestParseScopes_ErrorHasPositionOnly(t *testing.T) {
	t.Parallel()
	_, err := ParseScopes("read,not-a-scope")
	if err == nil || !strings.Contains(err.Error(), "scope 2") || strings.Contains(err.Error(), "not-a-scope") {
		t.Errorf("ParseScopes = %v, want an error that says scope 2 and does not quote it", err)
	}
}

func TestCaller_Has(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		caller *Caller
		want   []Scope
	}{
		{"no caller", nil, nil},
		{"no scopes", &Caller{}, nil},
		{"an unknown scope", &Caller{Scopes: []Scope{"ROOT"}}, nil},
		{"any scope includes READ", &Caller{Scopes: []Scope{ScopeOperate}}, []Scope{ScopeRead, ScopeOperate}},
		{"READ is READ alone", &Caller{Scopes: []Scope{ScopeRead}}, []Scope{ScopeRead}},
		{"all", &Caller{Scopes: AllScopes()}, AllScopes()},
	} {
		for _, scope := range append(AllScopes(), "ROOT", "") {
			if got, want := test.caller.Has(scope), slices.Contains(test.want, scope); got != want {
				t.Errorf("%s: Has(%q) = %v, want %v", test.name, scope, got, want)
			}
		}
	}
}

func TestAllScopes_ReturnsCopy(t *testing.T) {
	t.Parallel()
	AllScopes()[0] = ScopeAdmin
	if got := AllScopes()[0]; got != ScopeRead {
		t.Errorf("AllScopes()[0] = %s after a caller changed its copy, want %s", got, ScopeRead)
	}
}
