package document

import (
	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/graph/errcode"
)

// prepare chooses the operation that a request names and coerces its variables. It also checks the
// arguments of all fields that the operation selects, so that a bad value runs nothing: gqlgen
// coerces the arguments of a field only when the fields before it have run.
//
// The operation context is for the transport, which must know the kind of an operation that fails.
func (r *Reader) prepare(document *checkedDocument, params *graphql.RawParams) (*graphql.RawParams, *graphql.OperationContext, gqlerror.List) {
	chosen := &graphql.OperationContext{Headers: params.Headers, Doc: document.tree}
	operation, err := chooseOperation(document.tree, params.OperationName)
	if err != nil {
		return nil, chosen, gqlerror.List{err}
	}
	chosen.Operation = operation
	values := &coercer{schema: r.cfg.Schema, introspection: r.cfg.Introspection}
	variables := values.variables(operation.VariableDefinitions, params.Variables)
	if len(values.errs) == 0 {
		fields := &argumentChecker{coercer: values, fragments: document.tree.Fragments, variables: variables, seen: map[string]bool{}}
		fields.check(operation.SelectionSet)
	}
	prepared := *params
	prepared.Variables, prepared.Extensions = variables, document.mark
	return &prepared, chosen, values.errs
}

// chooseOperation returns the operation with the name, or the only one if the name is empty.
func chooseOperation(document *ast.QueryDocument, name string) (*ast.OperationDefinition, *gqlerror.Error) {
	operation := document.Operations.ForName(name)
	if operation != nil {
		return operation, nil
	}
	err := gqlerror.Errorf("The document has no operation named %q.", errcode.Shorten(name))
	if name == "" {
		err = gqlerror.Errorf("The document has several operations: name one in operationName.")
	}
	setCode(err, errcode.ValidationFailed)
	return nil, err
}
