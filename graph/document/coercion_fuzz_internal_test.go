package document

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"

	"wisphub-graphql/graph/errcode"
	"wisphub-graphql/graph/scalar"
)

// coercionDocuments have variables of all input types, in fields, lists, objects and directives.
var coercionDocuments = []string{
	`query($a:ClientFilter,$b:[ClientStatus!],$c:Int=5,$d:ClientOrder){clients(filter:$a,first:$c,orderBy:$d){totalCount} b:clients(filter:{status:$b}){totalCount}}`,
	`query($a:ClientKey!,$b:Boolean=true,$c:[Int!]={}){client(by:$a)@include(if:$b){name} clients(filter:{zoneId:$c}){totalCount}}`,
	`query($a:ClientKey!,$b:Boolean=true,$c:[Int!]=[1]){client(by:$a)@include(if:$b){name} clients(filter:{zoneId:$c}){totalCount}}`,
	`mutation($a:UpdateClientInput!,$b:Decimal,$c:Int!,$d:[Int!]!){updateClient(input:$a){userErrors{code}} b:updateClient(input:{serviceId:$c,balance:$b}){userErrors{code}} suspendClients(serviceIds:$d){userErrors{code}}}`,
	`query($a:ID!,$b:TicketFilter,$c:Date,$d:IdentityClaim!){node(id:$a){id} tickets(filter:$b){totalCount} c:tickets(filter:{createdFrom:$c}){totalCount} identifyClient(claim:$d){valid}}`,
	`subscription($a:String!){taskUpdated(taskId:$a){status}}`,
}

var coercionSeeds = []string{
	`{}`, `null`, `{"a":null,"b":null,"c":null,"d":null}`, `{"a":{},"b":[],"c":{},"d":[{}]}`, `{"a":"x","b":"x","c":"x","d":"x"}`,
	`{"a":{"status":["ACTIVE"],"zoneId":2.0,"cutOffFrom":"2026-05-08","balanceAtMost":1e3},"b":"FREE","c":26.0,"d":{"field":"NAME"}}`,
	`{"a":{"serviceId":2.6e1},"b":false,"c":[1,2e0,null]}`, `{"a":{"serviceId":26,"phone":null},"b":"true","c":[[1]]}`,
	`{"a":{"serviceId":26,"balance":"abc"},"b":"abc","c":2147483648,"d":[1e999999999]}`,
	`{"a":{"serviceId":26,"balance":"1.5","phone":null,"__typename":"X"},"b":0.1,"c":-0.0,"d":7}`,
	`{"a":26,"b":{"createdFrom":"2026-02-30"},"c":20260508,"d":{"name":true,"nothing":{"a":[[[]]]}}}`, `{"a":1.5,"e":1}`,
}

// FuzzCoercion sends any JSON as the variables of any of the documents.
func FuzzCoercion(f *testing.F) {
	for i := range coercionDocuments {
		for _, variables := range coercionSeeds {
			f.Add(uint8(i), variables)
		}
	}
	f.Fuzz(func(t *testing.T, i uint8, text string) {
		variables, err := DecodeVariables([]byte(text))
		if err != nil || !json.Valid([]byte(text)) {
			return
		}
		checkCoercion(t, coercionDocuments[int(i)%len(coercionDocuments)], text, variables)
	})
}

// checkCoercion expects either errors, or variables that neither gqlparser nor gqlgen's scalars can
// refuse any more.
func checkCoercion(t *testing.T, text, given string, variables map[string]any) {
	t.Helper()
	r := newTestReader(Limits{})
	document, errs := r.read(t.Context(), text)
	if errs != nil {
		return
	}
	prepared, errs := r.prepare(document, &graphql.RawParams{Variables: variables})
	if len(errs) > errcode.MaxErrors || prepared.Operation == nil {
		t.Errorf("prepare(%s) = %d errors, operation %v, want at most %d and the operation", given, len(errs), prepared.Operation, errcode.MaxErrors)
	}
	if errs != nil {
		return
	}
	if _, err := validator.VariableValues(schema, prepared.Operation, prepared.Variables); err != nil {
		t.Errorf("VariableValues(%s) = %v, want no error after prepare", given, err)
	}
	for _, definition := range prepared.Operation.VariableDefinitions {
		if value, present := prepared.Variables[definition.Variable]; present {
			wantCoerced(t, definition.Type, value, given)
		}
	}
	again, errs := r.prepare(document, &graphql.RawParams{Variables: prepared.Variables})
	if errs != nil || !reflect.DeepEqual(again.Variables, prepared.Variables) {
		t.Errorf("prepare(prepare(%s)) = %v, %v, want %v", given, again, errs, prepared.Variables)
	}
}

// wantCoerced checks a value by gqlgen's own means, without the coercer.
func wantCoerced(t *testing.T, kind *ast.Type, value any, given string) {
	t.Helper()
	ok := true
	switch definition := schema.Types[kind.Name()]; {
	case value == nil:
		ok = !kind.NonNull
	case kind.Elem != nil:
		for _, element := range value.([]any) {
			wantCoerced(t, kind.Elem, element, given)
		}
	case definition.Kind == ast.Enum:
		ok = definition.EnumValues.ForName(value.(string)) != nil
	case definition.Kind == ast.InputObject:
		for _, field := range definition.Fields {
			if element, present := value.(map[string]any)[field.Name]; present {
				wantCoerced(t, field.Type, element, given)
			} else {
				ok = ok && (!field.Type.NonNull || field.DefaultValue != nil)
			}
		}
	default:
		ok = gqlgenAccepts(kind.NamedType, value)
	}
	if !ok {
		t.Errorf("prepare(%s) accepts %T %v as %s, want an error", given, value, value, kind)
	}
}

// gqlgenAccepts runs the function that the generated code calls for the scalar.
func gqlgenAccepts(name string, value any) bool {
	var err error
	switch name {
	case "Int":
		_, err = scalar.UnmarshalInt(value)
	case "Date":
		_, err = scalar.UnmarshalDate(value)
	case "Decimal":
		_, err = scalar.UnmarshalDecimal(value)
	case "String", "ID":
		_, ok := value.(string)
		return ok
	case "Boolean":
		_, ok := value.(bool)
		return ok
	}
	return err == nil
}

// Every scalar of the schema can be coerced, so that Coerce cannot panic.
func Test13_6_AllScalarsAreKnown(t *testing.T) {
	t.Parallel()
	for name, definition := range schema.Types {
		if definition.Kind != ast.Scalar {
			continue
		}
		for _, value := range []any{true, "x", json.Number("1.5"), int64(1), 1.5, []any{}, map[string]any{}} {
			if got, err := scalar.Coerce(name, value); err == nil && !reflect.DeepEqual(got, value) && name != "ID" && name != "Float" {
				t.Errorf("Coerce(%s, %v) = %v, want it unchanged", name, value, got)
			}
		}
	}
}

// The defaults of the schema are good: nothing coerces them but gqlgen, at the field.
func Test13_6_DefaultsOfTheSchema(t *testing.T) {
	t.Parallel()
	c := &coercer{schema: schema}
	check := func(kind *ast.Type, literal *ast.Value, name string) {
		if literal == nil {
			return
		}
		if value, ok := c.literal(literal, nil, []string{name}); ok {
			c.value(kind, value, []string{name})
		}
	}
	for _, definition := range schema.Types {
		for _, field := range definition.Fields {
			check(field.Type, field.DefaultValue, definition.Name+"."+field.Name)
			for _, argument := range field.Arguments {
				check(argument.Type, argument.DefaultValue, definition.Name+"."+field.Name+"."+argument.Name)
			}
		}
	}
	if len(c.errs) > 0 {
		t.Errorf("defaults = %v, want no error", c.errs)
	}
}

// The number of errors is bounded, and each says where in the document its variable is.
func Test13_6_ErrorsAreBounded(t *testing.T) {
	t.Parallel()
	many := make([]any, 1000)
	for i := range many {
		many[i] = "x"
	}
	r := newTestReader(Limits{})
	document, _ := r.read(t.Context(), "query(\n$z:[Int!]){clients(filter:{zoneId:$z}){totalCount}}")
	_, errs := r.prepare(document, &graphql.RawParams{Variables: map[string]any{"z": many}})
	if want := (gqlerror.Location{Line: 2, Column: 1}); len(errs) != errcode.MaxErrors || errs[0].Locations[0] != want {
		t.Errorf("prepare(1000 mistakes) = %d errors, the first at %v, want %d at %v", len(errs), errs[0].Locations, errcode.MaxErrors, want)
	}
}
