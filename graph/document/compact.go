package document

import (
	"reflect"

	"github.com/vektah/gqlparser/v2/ast"
)

// A parsed document can take thirty times the memory of its text. The parser keeps every comment,
// and each position pins a whole token. So a document is compacted before it is cached.

// compacter drops from a tree what execution does not need, and estimates the bytes of the rest.
type compacter struct{ bytes int }

// compact drops the comments of a validated document and the parser's spare memory. It returns an
// estimate of the bytes that the document takes with its text. The document must not be in use.
func compact(document *ast.QueryDocument) (bytes int) {
	c := &compacter{}
	count[ast.QueryDocument](c)
	c.position(&document.Position)
	document.Comment = nil
	if document.Position != nil {
		c.bytes += sizeOf[ast.Source]() + allocated(len(document.Position.Src.Input))
	}
	clip(c, (*[]*ast.OperationDefinition)(&document.Operations))
	for _, operation := range document.Operations {
		c.operation(operation)
	}
	clip(c, (*[]*ast.FragmentDefinition)(&document.Fragments))
	for _, fragment := range document.Fragments {
		c.fragment(fragment)
	}
	return c.bytes
}

func (c *compacter) operation(operation *ast.OperationDefinition) {
	count[ast.OperationDefinition](c)
	c.bytes += allocated(len(operation.Description))
	c.position(&operation.Position)
	operation.Comment = nil
	c.variables(&operation.VariableDefinitions)
	c.directives(&operation.Directives)
	c.selections(&operation.SelectionSet)
}

func (c *compacter) fragment(fragment *ast.FragmentDefinition) {
	count[ast.FragmentDefinition](c)
	c.bytes += allocated(len(fragment.Description))
	c.position(&fragment.Position)
	fragment.Comment = nil
	c.variables(&fragment.VariableDefinition)
	c.directives(&fragment.Directives)
	c.selections(&fragment.SelectionSet)
}

func (c *compacter) variables(list *ast.VariableDefinitionList) {
	clip(c, (*[]*ast.VariableDefinition)(list))
	for _, variable := range *list {
		count[ast.VariableDefinition](c)
		c.bytes += allocated(len(variable.Description))
		c.position(&variable.Position)
		variable.Comment = nil
		for kind := variable.Type; kind != nil; kind = kind.Elem {
			count[ast.Type](c)
			c.position(&kind.Position)
		}
		c.value(variable.DefaultValue)
		c.directives(&variable.Directives)
	}
}

// typenameField is what validation gives each __typename anew.
var typenameField = &ast.FieldDefinition{Name: "__typename", Type: ast.NamedType("String", nil)}

func (c *compacter) selections(list *ast.SelectionSet) {
	clip(c, (*[]ast.Selection)(list))
	for _, selection := range *list {
		switch selection := selection.(type) {
		case *ast.Field:
			count[ast.Field](c)
			c.position(&selection.Position)
			selection.Comment = nil
			if selection.Name == typenameField.Name {
				selection.Definition = typenameField
			}
			c.arguments(&selection.Arguments)
			c.directives(&selection.Directives)
			c.selections(&selection.SelectionSet)
		case *ast.InlineFragment:
			count[ast.InlineFragment](c)
			c.position(&selection.Position)
			selection.Comment = nil
			c.directives(&selection.Directives)
			c.selections(&selection.SelectionSet)
		case *ast.FragmentSpread:
			count[ast.FragmentSpread](c)
			c.position(&selection.Position)
			selection.Comment = nil
			c.directives(&selection.Directives)
		}
	}
}

func (c *compacter) directives(list *ast.DirectiveList) {
	clip(c, (*[]*ast.Directive)(list))
	for _, directive := range *list {
		count[ast.Directive](c)
		c.position(&directive.Position)
		c.arguments(&directive.Arguments)
	}
}

func (c *compacter) arguments(list *ast.ArgumentList) {
	clip(c, (*[]*ast.Argument)(list))
	for _, argument := range *list {
		count[ast.Argument](c)
		c.position(&argument.Position)
		argument.Comment = nil
		c.value(argument.Value)
	}
}

func (c *compacter) value(value *ast.Value) {
	if value == nil {
		return
	}
	count[ast.Value](c)
	c.position(&value.Position)
	value.Comment = nil
	if value.Kind == ast.StringValue || value.Kind == ast.BlockValue {
		c.bytes += allocated(len(value.Raw)) // other values are parts of the text
	}
	clip(c, (*[]*ast.ChildValue)(&value.Children))
	for _, child := range value.Children {
		count[ast.ChildValue](c)
		c.position(&child.Position)
		child.Comment = nil
		c.value(child.Value)
	}
}

// position replaces a position by a copy that pins no token.
func (c *compacter) position(position **ast.Position) {
	if *position != nil {
		*position = new(**position)
		count[ast.Position](c)
	}
}

// clip drops the spare capacity of a list and counts the rest.
func clip[T any](c *compacter, list *[]T) {
	if len(*list) < cap(*list) {
		*list = append(make([]T, 0, len(*list)), *list...)
	}
	c.bytes += allocated(len(*list) * int(reflect.TypeFor[T]().Size()))
}

func count[T any](c *compacter) { c.bytes += sizeOf[T]() }

func sizeOf[T any]() int { return allocated(int(reflect.TypeFor[T]().Size())) }

// allocated returns about how many bytes Go allocates for an object of this size.
func allocated(size int) int { return (size + 15) &^ 15 }
