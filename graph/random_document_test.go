package graph_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/graph"
)

// randomDocument is a document that is made by chance, but nearly always fits the schema.
type randomDocument struct {
	random    *rand.Rand
	schema    *ast.Schema
	known     randomValues
	declared  []string
	variables map[string]any
	fragments []string
	reusable  map[string][]string // names of fragments by their types
	heads     map[string][]string // fields with arguments, by their objects, to be merged
	names     int
	left      int // selections that the document may still have
}

// randomValues are values of arguments that records have.
type randomValues struct {
	ids     []int
	texts   []string
	nodes   []string
	cursors []string
}

// liveFields have other values a moment later, or change what a later document finds in memory.
var liveFields = []string{
	"Query.facade", "Query.identifyClient", "Query.verifyClient", "Query.task", "Query.__schema", "Query.__type",
	"Zone.ticketQuota", "Client.account",
}

func newRandomDocument(seed uint64, known randomValues) *randomDocument {
	return &randomDocument{
		random:    rand.New(rand.NewPCG(seed, 16)),
		schema:    graph.Schema(),
		known:     known,
		variables: map[string]any{},
		reusable:  map[string][]string{},
		heads:     map[string][]string{},
		left:      60,
	}
}

// body returns the body of a request with the document.
func (d *randomDocument) body() string {
	selected := d.selection("Query", 0)
	declared := ""
	if len(d.declared) > 0 {
		declared = "(" + strings.Join(d.declared, " ") + ")"
	}
	document := "query Q" + declared + selected + strings.Join(d.fragments, " ")
	params := map[string]any{"query": document, "variables": d.variables}
	if d.chance(5) {
		params["query"] = document + " query R{zones{name}}"
		params["operationName"] = []string{"Q", "R"}[d.random.IntN(2)]
	}
	body, err := json.Marshal(params)
	if err != nil {
		panic(err) // strings, numbers and lists always marshal
	}
	return string(body)
}

func (d *randomDocument) chance(percent int) bool { return d.random.IntN(100) < percent }

func (d *randomDocument) name(prefix string) string {
	d.names++
	return fmt.Sprintf("%s%d", prefix, d.names)
}

// selection returns what is selected of the type, at least one field.
func (d *randomDocument) selection(name string, depth int) string {
	parts := []string{}
	for range 1 + d.random.IntN(5) {
		switch {
		case depth > 0 && d.chance(8):
			parts = append(parts, "__typename"+d.directive())
		case depth > 0 && d.chance(12):
			parts = append(parts, "... "+d.condition(name)+d.directive()+d.selection(name, depth+1))
		case depth > 0 && d.chance(12):
			parts = append(parts, "..."+d.fragment(name, depth)+d.directive())
		case d.schema.Types[name].Kind == ast.Interface && d.chance(80):
			possible := d.schema.PossibleTypes[name]
			one := possible[d.random.IntN(len(possible))].Name
			parts = append(parts, "... on "+one+d.selection(one, depth+1))
		default:
			parts = append(parts, d.field(name, depth))
		}
	}
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	if len(parts) == 0 {
		parts = []string{"__typename"}
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func (d *randomDocument) condition(name string) string {
	if d.chance(50) {
		return "on " + name
	}
	return ""
}

// fragment returns the name of a fragment on the type.
func (d *randomDocument) fragment(name string, depth int) string {
	if known := d.reusable[name]; len(known) > 0 && d.chance(40) {
		return known[d.random.IntN(len(known))]
	}
	text := d.selection(name, depth+1)
	fragment := d.name("F")
	d.fragments = append(d.fragments, "fragment "+fragment+" on "+name+text)
	d.reusable[name] = append(d.reusable[name], fragment)
	return fragment
}

// field returns one field of the type, "" for none.
func (d *randomDocument) field(name string, depth int) string {
	fields := d.schema.Types[name].Fields
	field := fields[d.random.IntN(len(fields))]
	composite := d.schema.Types[field.Type.Name()].IsCompositeType()
	d.left--
	if slices.Contains(liveFields, name+"."+field.Name) || composite && (depth > 6 || d.left < 0) {
		return ""
	}
	key := name + "." + field.Name
	text := field.Name
	if len(field.Arguments) > 0 || d.chance(15) {
		text = d.name("a") + ":" + field.Name // so that arguments never conflict
	}
	text += d.arguments(field)
	if known := d.heads[key]; len(known) > 0 && d.chance(40) {
		text = known[d.random.IntN(len(known))] // merged, if both stand in one place
	} else if len(field.Arguments) > 0 {
		d.heads[key] = append(known, text)
	}
	text += d.directive()
	if composite {
		text += d.selection(field.Type.Name(), depth+1)
	}
	return text
}

func (d *randomDocument) arguments(field *ast.FieldDefinition) string {
	var given []string
	for _, argument := range field.Arguments {
		if argument.Type.NonNull || d.chance(35) {
			given = append(given, argument.Name+":"+d.argument(argument.Name, argument.Type))
		}
	}
	if len(given) == 0 {
		return ""
	}
	return "(" + strings.Join(given, ",") + ")"
}

// argument returns a literal or a variable.
func (d *randomDocument) argument(name string, of *ast.Type) string {
	value := d.value(name, of)
	if !d.chance(40) {
		return literal(value)
	}
	variable := d.name("v")
	declaration := "$" + variable + ":" + of.String()
	switch {
	case d.chance(20) && value != nil:
		declaration += "=" + literal(value)
	case d.chance(20) && !of.NonNull: // absent
	default:
		d.variables[variable] = plain(value)
	}
	d.declared = append(d.declared, declaration)
	return "$" + variable
}

func (d *randomDocument) directive() string {
	if !d.chance(12) {
		return ""
	}
	name := []string{"skip", "include"}[d.random.IntN(2)]
	condition := fmt.Sprint(d.chance(50))
	if d.chance(50) {
		variable := d.name("b")
		d.declared = append(d.declared, "$"+variable+":Boolean!="+condition)
		if d.chance(50) {
			d.variables[variable] = d.chance(50)
		}
		condition = "$" + variable
	}
	return " @" + name + "(if:" + condition + ")"
}
