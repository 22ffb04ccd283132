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
// After an error the operation is what the transport must know of an operation that fails.
func (r *Reader) prepare(document *checkedDocument, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	prepared := &graphql.OperationContext{
		RawQuery:      params.Query,
		OperationName: params.OperationName,
		Headers:       params.Headers,
		Extensions:    document.mark,
		Doc:           document.tree,
	}
	operation, err := chooseOperation(document.tree, params.OperationName)
	if err != nil {
		return prepared, gqlerror.List{err}
	}
	prepared.Operation = operation
	values := r.newCoercer()
	prepared.Variables = values.variables(operation.VariableDefinitions, params.Variables)
	if len(values.errs) == 0 {
		values.checkArguments(r.arguments(document, operation), prepared.Variables)
	}
	return prepared, values.errs
}

func (r *Reader) newCoercer() *coercer {
	return &coercer{schema: r.cfg.Schema, introspection: r.cfg.Introspection}
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
