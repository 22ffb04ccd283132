package graph_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// contractPath is the schema that was agreed with the API's users. It changes only by agreement.
const contractPath = "testdata/contract.graphqls"

func TestContract(t *testing.T) {
	t.Parallel()
	contract := elements(loadSchema(t, contractPath))
	for _, difference := range differences(elements(loadSchema(t, "schema/*.graphqls")), contract) {
		t.Error(difference)
	}
}

func TestContract_Descriptions(t *testing.T) {
	t.Parallel()
	for coordinate, e := range elements(loadSchema(t, "schema/*.graphqls")) {
		if strings.TrimSpace(e.description) == "" {
			t.Errorf("%s: no description", coordinate)
		}
	}
}

func TestContract_CopyIsComplete(t *testing.T) {
	t.Parallel()
	const fewest = 400 // the contract has had more from its first day
	if got := len(elements(loadSchema(t, contractPath))); got < fewest {
		t.Errorf("%s has %d elements, want at least %d", contractPath, got, fewest)
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	contract := `directive @hasScope(scope: Int = 1) on FIELD_DEFINITION
		interface Node { id: ID! }
		type Query implements Node { id: ID! a(first: Int = 20): Int @hasScope(scope: 1) b: Int }
		enum E { X Y }
		input I { x: Int }`
	tests := map[string]struct{ from, to, want string }{
		"nothing":              {"", "", ""},
		"more":                 {"b: Int", "b(new: Int, zero: Int! = 0): Int c(new: Int!): Int", ""},
		"deprecated":           {"b: Int", "b: Int @deprecated", ""},
		"field removed":        {"b: Int", "", "Query.b: missing"},
		"type":                 {"b: Int", "b: Float", "Query.b: type is Float, want Int"},
		"nullability":          {"b: Int", "b: Int!", "Query.b: type is Int!, want Int"},
		"kind":                 {"enum E { X Y }", "type E { X: Int Y: Int }", "E: kind is OBJECT, want ENUM"},
		"interface":            {"Query implements Node", "Query", "Query: implements Node is none, want yes"},
		"argument's type":      {"first: Int = 20", "first: Float = 20", "Query.a(first:): type is Float, want Int"},
		"argument's default":   {"= 20", "", "Query.a(first:): default is none, want 20"},
		"argument required":    {"b: Int", "b(new: Int!): Int", "Query.b(new:): required, want optional"},
		"enum value":           {"X Y", "X", "E.Y: missing"},
		"input default":        {"x: Int", "x: Int = 1", "I.x: default is 1, want none"},
		"input field required": {"x: Int", "x: Int new: Int!", "I.new: required, want optional"},
		"oneOf":                {"input I", "input I @oneOf", "I: @oneOf is (), want none"},
		"scope changed":        {"@hasScope(scope: 1)", "@hasScope(scope: 2)", "Query.a: @hasScope is (scope: 2), want (scope: 1)"},
		"scope added":          {"b: Int", "b: Int @hasScope", "Query.b: @hasScope is (), want none"},
		"directive's default":  {"scope: Int = 1", "scope: Int = 2", "@hasScope(scope:): default is 2, want 1"},
		"directive's location": {"on FIELD", "on OBJECT | FIELD", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			agreed := &ast.Source{Input: contract}
			changed := &ast.Source{Input: strings.Replace(contract, tt.from, tt.to, 1)}
			got := differences(elements(parse(t, changed)), elements(parse(t, agreed)))
			if strings.Join(got, "\n") != tt.want {
				t.Errorf("differences(%s) = %q, want %q", name, got, tt.want)
			}
		})
	}
}

// element is a part of a schema with a coordinate.
type element struct {
	owner       string            // coordinate of the type, field or directive that contains it, or ""
	facts       map[string]string // for example "type": "[Ticket!]", "default": "20"
	required    bool              // an argument or input field without which a query is invalid
	description string
}

// narrowing are the directives that restrict callers if the contract does not have them.
var narrowing = []string{"@hasScope", "@oneOf"}

// differences lists what want has and got lacks, sorted. Additions in got are no difference if every
// operation that want allows is still valid.
func differences(got, want map[string]element) []string {
	var lines []string
	for coordinate, w := range want {
		if g, ok := got[coordinate]; ok {
			lines = append(lines, factDifferences(coordinate, g.facts, w.facts)...)
		} else if _, ok := got[w.owner]; ok || w.owner == "" {
			lines = append(lines, coordinate+": missing")
		}
	}
	for coordinate, g := range got {
		_, known := want[coordinate]
		if _, ownerKnown := want[g.owner]; ownerKnown && !known && g.required {
			lines = append(lines, coordinate+": required, want optional")
		}
	}
	slices.Sort(lines)
	return lines
}

func factDifferences(coordinate string, got, want map[string]string) []string {
	var lines []string
	facts := maps.Clone(want)
	for _, name := range narrowing {
		facts[name] = want[name]
	}
	for name := range facts {
		if got[name] != want[name] {
			lines = append(lines, fmt.Sprintf("%s: %s is %s, want %s",
				coordinate, name, cmp.Or(got[name], "none"), cmp.Or(want[name], "none")))
		}
	}
	return lines
}

// elements returns the elements of a schema by their coordinates, as the GraphQL specification
// defines them. It leaves out the built-in ones.
func elements(schema *ast.Schema) map[string]element {
	all := map[string]element{}
	for _, def := range schema.Types {
		if !def.BuiltIn {
			addType(all, def)
		}
	}
	for _, def := range schema.Directives {
		if !def.Position.Src.BuiltIn {
			addDirective(all, def)
		}
	}
	return all
}

func addType(all map[string]element, def *ast.Definition) {
	facts := directiveFacts(def.Directives)
	facts["kind"] = string(def.Kind)
	for _, name := range def.Interfaces {
		facts["implements "+name] = "yes"
	}
	all[def.Name] = element{facts: facts, description: def.Description}
	for _, value := range def.EnumValues {
		all[def.Name+"."+value.Name] = element{
			owner: def.Name, facts: directiveFacts(value.Directives), description: value.Description,
		}
	}
	for _, field := range def.Fields {
		if !strings.HasPrefix(field.Name, "__") {
			addField(all, def, field)
		}
	}
}

func addField(all map[string]element, def *ast.Definition, field *ast.FieldDefinition) {
	coordinate := def.Name + "." + field.Name
	all[coordinate] = element{
		owner:       def.Name,
		facts:       typeFacts(field.Type, field.DefaultValue, field.Directives),
		required:    def.Kind == ast.InputObject && field.Type.NonNull && field.DefaultValue == nil,
		description: field.Description,
	}
	addArguments(all, coordinate, field.Arguments)
}

func addDirective(all map[string]element, def *ast.DirectiveDefinition) {
	coordinate := "@" + def.Name
	facts := map[string]string{"repeatable": fmt.Sprint(def.IsRepeatable)}
	for _, location := range def.Locations {
		facts["on "+string(location)] = "yes"
	}
	all[coordinate] = element{facts: facts, description: def.Description}
	addArguments(all, coordinate, def.Arguments)
}

func addArguments(all map[string]element, owner string, arguments ast.ArgumentDefinitionList) {
	for _, argument := range arguments {
		all[owner+"("+argument.Name+":)"] = element{
			owner:       owner,
			facts:       typeFacts(argument.Type, argument.DefaultValue, argument.Directives),
			required:    argument.Type.NonNull && argument.DefaultValue == nil,
			description: argument.Description,
		}
	}
}

// typeFacts returns the facts of an element with a type, and perhaps a default and directives.
func typeFacts(of *ast.Type, byDefault *ast.Value, directives ast.DirectiveList) map[string]string {
	facts := directiveFacts(directives)
	facts["type"] = of.String()
	facts["default"] = ""
	if byDefault != nil {
		facts["default"] = byDefault.String()
	}
	return facts
}

// directiveFacts returns a fact for each directive, for example "@hasScope": "(scope: READ)".
func directiveFacts(directives ast.DirectiveList) map[string]string {
	facts := map[string]string{}
	for _, directive := range directives {
		var arguments []string
		for _, argument := range directive.Arguments {
			arguments = append(arguments, argument.Name+": "+argument.Value.String())
		}
		facts["@"+directive.Name] = "(" + strings.Join(arguments, ", ") + ")"
	}
	return facts
}

// loadSchema reads the files that match the pattern as one schema.
func loadSchema(t *testing.T, pattern string) *ast.Schema {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("Glob(%q) = %v, %v, want files", pattern, paths, err)
	}
	var sources []*ast.Source
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: path, Input: string(text)})
	}
	return parse(t, sources...)
}

func parse(t *testing.T, sources ...*ast.Source) *ast.Schema {
	t.Helper()
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
