package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// description is what the face says of itself.
func (f *face) description(t *testing.T) object {
	t.Helper()
	var description object
	if err := json.Unmarshal([]byte(f.ask(t, "ben", "GET", "/api/v1/openapi.json", "").body), &description); err != nil {
		t.Fatal(err)
	}
	return description
}

// at goes down a description.
func at(from any, path ...string) any {
	for _, name := range path {
		members, _ := from.(object)
		from = members[name]
	}
	return from
}

// Each route is described, and nothing else.
func TestEveryRouteIsDescribed(t *testing.T) {
	t.Parallel()
	paths := at(newFace(t, nil).description(t), "paths").(object)
	described := map[string]bool{}
	for path, methods := range paths {
		for method := range methods.(object) {
			described[strings.ToUpper(method)+" "+path] = true
		}
	}
	for _, r := range routes {
		if !described[r.method+" "+r.path] {
			t.Errorf("%s %s is not described", r.method, r.path)
		}
		delete(described, r.method+" "+r.path)
		private := at(paths, r.path, strings.ToLower(r.method), "security") == nil
		if private == r.public {
			t.Errorf("%s %s is described as needing a token: %t", r.method, r.path, private)
		}
	}
	if len(described) > 0 {
		t.Errorf("%v are described and not served", slices.Collect(maps.Keys(described)))
	}
	seen := map[string]bool{}
	for _, r := range routes {
		if seen[r.doc.id] || r.doc.summary == "" {
			t.Errorf("%s %s has no name or summary of its own", r.method, r.path)
		}
		seen[r.doc.id] = true
	}
}

// What the handlers answer is what is described: each envelope by its action, each field, and no other.
func TestAnswersAreDescribed(t *testing.T) {
	t.Parallel()
	f := newFace(t, nil)
	description := f.description(t)
	check := func(method, path string, got answer) {
		r := routeOf(t, method, path)
		var body object
		if err := json.Unmarshal([]byte(got.body), &body); err != nil {
			t.Fatal(err)
		}
		schemas := []any{at(description, "paths", r.path, strings.ToLower(method), "responses", fmt.Sprint(got.status), "content", "application/json", "schema")}
		if any, several := at(schemas[0], "oneOf").([]any); several {
			schemas = any
		}
		var faults []string
		for _, schema := range schemas {
			fault := mismatch(description, schema, body, "")
			if fault == "" {
				return
			}
			faults = append(faults, fault)
		}
		t.Errorf("%s %s answers %.300s, which is not described: %v", method, path, got.body, faults)
	}
	for _, test := range answersOf {
		check(test.method, test.path, f.ask(t, "ana", test.method, test.path, test.body))
	}
	for _, path := range []string{"clients", "clients/search?q=nadie", "clients/search?q=ana", "internet-plans", "payment-methods", "tickets/subjects", "clients?limit=x"} {
		check("GET", "/api/v1/"+path, f.ask(t, "ana", "GET", "/api/v1/"+path, ""))
	}
	check("POST", "/api/v1/26/ping", f.ask(t, "ana", "POST", "/api/v1/26/ping", `{}`))
	for range 2 {
		check("POST", "/api/v1/tickets", f.ask(t, "ana", "POST", "/api/v1/tickets", `{"service_id":26,"subject":"x","description":"y"}`))
	}
	check("GET", "/health", f.ask(t, "", "GET", "/health", ""))
	check("GET", "/api/v1/clients", f.ask(t, "", "GET", "/api/v1/clients", ""))
}

// routeOf returns the route that serves a path.
func routeOf(t *testing.T, method, path string) route {
	t.Helper()
	path, _, _ = strings.Cut(path, "?")
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.HandleFunc(r.method+" "+r.path, func(http.ResponseWriter, *http.Request) {})
	}
	request, err := http.NewRequestWithContext(t.Context(), method, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, pattern := mux.Handler(request)
	for _, r := range routes {
		if r.method+" "+r.path == pattern {
			return r
		}
	}
	t.Fatalf("no route for %s %s", method, path)
	return route{}
}

// mismatch says where a value is not as the schema wants it, "" for nowhere. It knows as much of JSON Schema as is used here.
func mismatch(description object, schema, value any, where string) string {
	s, _ := schema.(object)
	if reference, ok := s["$ref"].(string); ok {
		return mismatch(description, at(description, strings.Split(strings.TrimPrefix(reference, "#/"), "/")...), value, where)
	}
	if options, ok := s["oneOf"].([]any); ok {
		for _, option := range options {
			if mismatch(description, option, value, where) == "" {
				return ""
			}
		}
		return where + " is none of those"
	}
	if want, ok := s["const"]; ok {
		if !reflect.DeepEqual(want, value) {
			return fmt.Sprintf("%s is %v, want %v", where, value, want)
		}
		return ""
	}
	kinds, _ := s["type"].([]any)
	if kind, single := s["type"].(string); single {
		kinds = []any{kind}
	}
	if !slices.Contains(kinds, any(kindOf(value))) && !(kindOf(value) == "integer" && slices.Contains(kinds, any("number"))) {
		return fmt.Sprintf("%s is %v, want %v", where, value, kinds)
	}
	switch value := value.(type) {
	case []any:
		for i, element := range value {
			if fault := mismatch(description, s["items"], element, fmt.Sprint(where, "[", i, "]")); fault != "" {
				return fault
			}
		}
	case object:
		properties, _ := s["properties"].(object)
		for name := range properties {
			if _, there := value[name]; !there {
				return where + "." + name + " is missing"
			}
		}
		for name, member := range value {
			if _, known := properties[name]; !known {
				return where + "." + name + " is not described"
			}
			if fault := mismatch(description, properties[name], member, where+"."+name); fault != "" {
				return fault
			}
		}
	}
	return ""
}

func kindOf(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case float64:
		if value == float64(int64(value)) {
			return "integer"
		}
		return "number"
	}
	return "object"
}

func TestDescriptionNeedsAToken(t *testing.T) {
	t.Parallel()
	if got := newFace(t, nil).ask(t, "", "GET", "/api/v1/openapi.json", ""); got.status != 401 {
		t.Errorf("the description without a token = %d", got.status)
	}
	public := newFace(t, func(c *Config) { c.PublicDescription = true })
	if got := public.ask(t, "", "GET", "/api/v1/openapi.json/", ""); got.status != 200 {
		t.Errorf("the public description = %d", got.status)
	}
}
