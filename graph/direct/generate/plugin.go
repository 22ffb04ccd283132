package main

import (
	_ "embed"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// The packages that the generated file refers to.
const (
	directPackage = "wisphub-graphql/graph/direct"
	scalarPackage = "wisphub-graphql/graph/scalar"
)

//go:embed direct.gotpl
var template string

// plugin writes the file direct.generated.go beside what gqlgen generates, whose functions for
// arguments it calls.
type plugin struct{}

// Name implements gqlgen's Plugin.
func (plugin) Name() string { return "direct" }

// GenerateCode implements gqlgen's CodeGenerator.
func (plugin) GenerateCode(data *codegen.Data) error {
	scalars := data.Config.Packages.Load(scalarPackage)
	if scalars == nil || scalars.Types == nil {
		return fmt.Errorf("package %s cannot be loaded", scalarPackage)
	}
	return templates.Render(templates.Options{
		PackageName:     data.Config.Exec.Package,
		Filename:        filepath.Join(data.Config.Exec.DirName, "direct.generated.go"),
		Template:        template,
		Data:            &file{data: data, scalars: scalars.Types.Scope()},
		GeneratedHeader: true,
		Packages:        data.Config.Packages,
		PruneOptions:    data.Config.GetPruneOptions(),
	})
}

// file is what the template reads.
type file struct {
	data    *codegen.Data
	scalars scope
}

// Query returns the name of the type of the root fields.
func (f *file) Query() string { return f.data.QueryRoot.Name }

// Objects returns the types that answers of queries are made of.
func (f *file) Objects() (objects []*codegen.Object) {
	for _, object := range f.data.Objects {
		if !object.IsReserved() && (!object.Root || object == f.data.QueryRoot) {
			objects = append(objects, object)
		}
	}
	return objects
}

// Interfaces returns the types of which a value may be one of several.
func (f *file) Interfaces() (interfaces []*codegen.Interface) {
	for _, found := range f.data.Interfaces {
		interfaces = append(interfaces, found)
	}
	slices.SortFunc(interfaces, func(a, b *codegen.Interface) int { return strings.Compare(a.Name, b.Name) })
	return interfaces
}

// Implementors returns the name of gqlgen's variable with the type conditions of the object.
func (f *file) Implementors(object *codegen.Object) string {
	return templates.LcFirst(object.Name) + "Implementors"
}

// Possible returns the names of the types of which a value of the interface may be, as Go code.
func (f *file) Possible(found *codegen.Interface) string {
	var names []string
	for _, implementor := range found.Implementors {
		if name := strconv.Quote(implementor.Name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// Composite returns the name of the object or interface type of the field, "" for others.
func (f *file) Composite(field *codegen.Field) string {
	switch definition := field.TypeReference.Definition; definition.Kind {
	case ast.Object, ast.Interface, ast.Union:
		return definition.Name
	}
	return ""
}

// Scope returns the scope that the field needs, "" for none.
func (f *file) Scope(field *codegen.Field) string {
	for _, directive := range field.ImplDirectives() {
		if scope, ok := scopeOf(directive); ok {
			return scope
		}
	}
	return ""
}

// scopeOf returns the scope that the directive demands, false for other directives.
func scopeOf(directive *codegen.Directive) (scope string, ok bool) {
	if directive.Name != "hasScope" || len(directive.Args) != 1 {
		return "", false
	}
	scope, ok = directive.Args[0].Value.(string)
	return scope, ok
}

// Body returns the Go code of the field's writer, "" if it has none: fields with code of other
// directives, methods that need a context or arguments, and values of unknown types. gqlgen's
// executor runs the operations that select them.
func (f *file) Body(field *codegen.Field) string {
	directives := field.ImplDirectives()
	if len(directives) > 1 {
		return ""
	}
	for _, directive := range directives {
		if _, ok := scopeOf(directive); !ok {
			return ""
		}
	}
	e := &emitter{scalars: f.scalars, interfaces: f.data.Interfaces}
	if err := e.field(field); err != nil {
		return ""
	}
	return strings.TrimSpace(e.String())
}
