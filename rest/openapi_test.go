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

// description returns the OpenAPI description that the server serves.
func (s *testServer) description(t *testing.T) object {
	t.Helper()
	var description object
	if err := json.Unmarshal([]byte(s.call(t, "ben", "GET", "/api/v1/openapi.json", "").body), &description); err != nil {
		t.Fatal(err)
	}
	return description
}

// lookup returns the member at a path of a description, nil when there is none.
func lookup(value any, path ...string) any {
	for _, name := range path {
		members, _ := value.(object)
		value = members[name]
	}
	return value
}

// The description has every route of the table and no other.
func TestOpenAPI_DescribesEveryRoute(t *testing.T) {
	t.Parallel()
	paths := lookup(newTestServer(t, nil).description(t), "paths").(object)
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
		private := lookup(paths, r.path, strings.ToLower(r.method), "security") == nil
		if private == r.public {
			t.Errorf("%s %s is described as private = %t, want %t", r.method, r.path, private, !r.public)
		}
	}
	if len(described) > 0 {
		t.Errorf("%v are described but not served", slices.Collect(maps.Keys(described)))
	}
	seen := map[string]bool{}
	for _, r := range routes {
		if seen[r.doc.id] || r.doc.summary == "" {
			t.Errorf("%s %s: id %q, summary %q, want a unique id and a summary", r.method, r.path, r.doc.id, r.doc.summary)
		}
		seen[r.doc.id] = true
	}
}

// Every answer matches a described envelope: its action, and each of its fields.
func TestOpenAPI_DescribesAnswers(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, nil)
	description := s.description(t)
	check := func(method, path string, got answer) {
		r := routeOf(t, method, path)
		var body object
		if err := json.Unmarshal([]byte(got.body), &body); err != nil {
			t.Fatal(err)
		}
		schemas := []any{lookup(description, "paths", r.path, strings.ToLower(method), "responses", fmt.Sprint(got.status), "content", "application/json", "schema")}
		if options, ok := lookup(schemas[0], "oneOf").([]any); ok {
			schemas = options
		}
		var mismatches []string
		for _, schema := range schemas {
			mismatch := schemaMismatch(description, schema, body, "")
			if mismatch == "" {
				return
			}
			mismatches = append(mismatches, mismatch)
		}
		t.Errorf("%s %s = %.300s, want a described answer: %v", method, path, got.body, mismatches)
	}
	for _, test := range answerTests {
		check(test.method, test.path, s.call(t, "ana", test.method, test.path, test.body))
	}
	for _, path := range []string{"clients", "clients/search?q=nadie", "clients/search?q=ana", "internet-plans", "payment-methods", "tickets/subjects", "clients?limit=x"} {
		check("GET", "/api/v1/"+path, s.call(t, "ana", "GET", "/api/v1/"+path, ""))
	}
	check("POST", "/api/v1/26/ping", s.call(t, "ana", "POST", "/api/v1/26/ping", `{}`))
	for range 2 {
		check("POST", "/api/v1/tickets", s.call(t, "ana", "POST", "/api/v1/tickets", `{"service_id":26,"subject":"x","description":"y"}`))
	}
	check("GET", "/health", s.call(t, "", "GET", "/health", ""))
	check("GET", "/api/v1/clients", s.call(t, "", "GET", "/api/v1/clients", ""))
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

// schemaMismatch says where a value does not match the schema, or returns "". It supports the parts
// of JSON Schema that the description uses.
func schemaMismatch(description object, schema, value any, path string) string {
	s, _ := schema.(object)
	if reference, ok := s["$ref"].(string); ok {
		return schemaMismatch(description, lookup(description, strings.Split(strings.TrimPrefix(reference, "#/"), "/")...), value, path)
	}
	if options, ok := s["oneOf"].([]any); ok {
		for _, option := range options {
			if schemaMismatch(description, option, value, path) == "" {
				return ""
			}
		}
		return path + " matches no schema of oneOf"
	}
	if want, ok := s["const"]; ok {
		if !reflect.DeepEqual(want, value) {
			return fmt.Sprintf("%s is %v, want %v", path, value, want)
		}
		return ""
	}
	types, _ := s["type"].([]any)
	if single, ok := s["type"].(string); ok {
		types = []any{single}
	}
	if !slices.Contains(types, any(jsonTypeOf(value))) && !(jsonTypeOf(value) == "integer" && slices.Contains(types, any("number"))) {
		return fmt.Sprintf("%s is %v, want %v", path, value, types)
	}
	switch value := value.(type) {
	case []any:
		for i, element := range value {
			if mismatch := schemaMismatch(description, s["items"], element, fmt.Sprint(path, "[", i, "]")); mismatch != "" {
				return mismatch
			}
		}
	case object:
		properties, _ := s["properties"].(object)
		for name := range properties {
			if _, ok := value[name]; !ok {
				return path + "." + name + " is missing"
			}
		}
		for name, member := range value {
			if _, ok := properties[name]; !ok {
				return path + "." + name + " is not described"
			}
			if mismatch := schemaMismatch(description, properties[name], member, path+"."+name); mismatch != "" {
				return mismatch
			}
		}
	}
	return ""
}

func jsonTypeOf(value any) string {
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

func TestOpenAPI_RequiresToken(t *testing.T) {
	t.Parallel()
	if got := newTestServer(t, nil).call(t, "", "GET", "/api/v1/openapi.json", ""); got.status != 401 {
		t.Errorf("GET openapi.json without a token = %d, want 401", got.status)
	}
	public := newTestServer(t, func(c *Config) { c.PublicDescription = true })
	if got := public.call(t, "", "GET", "/api/v1/openapi.json/", ""); got.status != 200 {
		t.Errorf("GET of the public openapi.json = %d, want 200", got.status)
	}
}
