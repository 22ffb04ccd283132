package main

import (
	"errors"
	"fmt"
	"go/types"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// errUnknown is for a field whose value the emitter cannot write.
var errUnknown = errors.New("no writer for this kind of field")

// scope finds what a package declares.
type scope interface {
	Lookup(name string) types.Object
}

// emitter writes the body of a field's writer as Go code. Its rules are those of gqlgen's type.gotpl,
// except that the writer returns false where gqlgen would add an error.
type emitter struct {
	strings.Builder
	scalars    scope
	interfaces map[string]*codegen.Interface
	depth      int // of variables
}

func (e *emitter) line(format string, args ...any) { fmt.Fprintf(e, format+"\n", args...) }

// variable returns a name that is not used yet.
func (e *emitter) variable() string {
	e.depth++
	return "v" + strconv.Itoa(e.depth)
}

func (e *emitter) field(field *codegen.Field) error {
	reference := field.TypeReference
	goType := templates.CurrentImports.LookupType(reference.GO)
	expression := "object.(" + templates.CurrentImports.LookupType(objectType(field)) + ")." + field.GoFieldName
	switch {
	case field.Stream || field.Batch || field.HasHaser:
		return errUnknown
	case field.IsResolver && reference.IsNilable():
		expression = e.variable()
		e.line("%s, known := object.(%s)\nif !known && object != nil { return b, false }", expression, goType)
	case field.IsResolver:
		expression = e.variable()
		e.line("%s, known := object.(%s)\nif !known { return b, false }", expression, goType)
	case field.IsMethod() && field.NoErr && !field.MethodHasContext && len(field.Args) == 0:
		expression += "()"
	case !field.IsVariable():
		return errUnknown
	}
	if err := e.value(reference, expression); err != nil {
		return err
	}
	e.line("return b, true")
	return nil
}

// objectType returns the Go type of the object that has the field.
func objectType(field *codegen.Field) types.Type {
	if field.Object.Root {
		return types.NewInterfaceType(nil, nil)
	}
	return field.Object.Reference()
}

// value writes the code that appends the value of the expression.
func (e *emitter) value(reference *config.TypeReference, expression string) error {
	switch {
	case reference.IsPtrToSlice() || reference.IsPtrToIntf() || reference.IsPtrToPtr() || reference.IsOmittable ||
		reference.IsMarshaler || reference.IsMap() || reference.HasEnumValues():
		return errUnknown
	case reference.IsSlice():
		return e.list(reference, expression)
	case reference.IsNilable():
		return e.nilable(reference, expression)
	}
	return e.present(reference, expression)
}

// list follows gqlgen: a list that is nil is null only where the schema permits it.
func (e *emitter) list(reference *config.TypeReference, expression string) error {
	list := e.variable()
	e.line("%s := %s", list, expression)
	if !reference.GQL.NonNull {
		e.line("if %s == nil { b = append(b, \"null\"...) } else {", list)
	}
	index := e.variable()
	e.line("b = append(b, '[')\nfor %s := range %s {\nif %s > 0 { b = append(b, ',') }", index, list, index)
	if err := e.value(reference.Elem(), list+"["+index+"]"); err != nil {
		return err
	}
	e.line("}\nb = append(b, ']')")
	if !reference.GQL.NonNull {
		e.line("}")
	}
	return nil
}

func (e *emitter) nilable(reference *config.TypeReference, expression string) error {
	value := e.variable()
	e.line("if %s := %s; %s == nil { %s } else {", value, expression, value, ifNull(reference))
	if err := e.present(reference, value); err != nil {
		return err
	}
	e.line("}")
	return nil
}

// ifNull returns the code for a value that is nil.
func ifNull(reference *config.TypeReference) string {
	if reference.GQL.NonNull {
		return "return b, false"
	}
	return `b = append(b, "null"...)`
}

// present writes the code for a value that is not nil.
func (e *emitter) present(reference *config.TypeReference, expression string) error {
	switch {
	case reference.Marshaler != nil:
		return e.scalar(reference, expression)
	case reference.Definition.Kind == ast.Object && reference.IsPtr():
		e.object("Object(b, step, %s)", expression)
	case reference.Definition.Kind == ast.Object && reference.IsStruct():
		value := expression
		if strings.HasSuffix(value, ")") { // the value of a method has no address
			value = e.variable()
			e.line("%s := %s", value, expression)
		}
		e.object("Object(b, step, &%s)", value)
	case e.interfaces[reference.Definition.Name] != nil && types.IsInterface(reference.GO):
		e.oneOf(reference, expression)
	default:
		return errUnknown
	}
	return nil
}

func (e *emitter) object(call, expression string) {
	e.line("var ok bool\nif b, ok = run."+call+"; !ok { return b, false }", expression)
}

// oneOf writes the code for a value of an interface.
func (e *emitter) oneOf(reference *config.TypeReference, expression string) {
	value := e.variable()
	e.line("switch %s := %s.(type) {", value, expression)
	for _, implementor := range e.interfaces[reference.Definition.Name].Implementors {
		if !implementor.CanBeNil() {
			continue // the default
		}
		e.line("case %s:\nif %s == nil { %s } else {", templates.CurrentImports.LookupType(implementor.Type), value, ifNull(reference))
		e.object("ObjectOf(b, step, "+strconv.Quote(implementor.Name)+", %s)", value)
		e.line("}")
	}
	e.line("default:\nreturn b, false\n}")
}

// scalar writes the code for a value with a marshaler. The function in package scalar is named after
// it. Null is checked, because a marshaler may write it for a value that is not nil.
func (e *emitter) scalar(reference *config.TypeReference, expression string) error {
	name := strings.TrimSuffix(strings.Replace(reference.Marshaler.Name(), "Marshal", "Append", 1), "Context")
	function, ok := e.scalars.Lookup(name).(*types.Func)
	if !ok || reference.IsTargetNilable() != reference.IsNilable() && !reference.IsPtr() {
		return errUnknown
	}
	if !reference.IsTargetNilable() && reference.IsNilable() {
		expression = "*" + expression
	}
	if reference.CastType != nil {
		expression = templates.CurrentImports.LookupType(reference.CastType) + "(" + expression + ")"
	}
	start := e.variable()
	if reference.GQL.NonNull {
		e.line("%s := len(b)", start)
	}
	call := "scalar." + name + "(b, " + expression + ")"
	if function.Signature().Results().Len() == 2 {
		e.line("var ok bool\nif b, ok = %s; !ok { return b, false }", call)
	} else {
		e.line("b = %s", call)
	}
	if reference.GQL.NonNull {
		e.line("if !direct.NotNull(b, %s) { return b, false }", start)
	}
	return nil
}
