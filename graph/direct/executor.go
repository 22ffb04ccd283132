package direct

import (
	"context"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/document"
)

// Config has the options of [New].
type Config struct {
	// Generated is gqlgen's own executor, for what cannot be written directly. *Required.*
	Generated graphql.ExecutableSchema
	// Schema says how the fields are written. *Optional*; nothing is written without it.
	Schema Schema
	// Resolvers are the resolvers that memory can answer. *Optional.*
	Resolvers Resolvers
	// Panicked is told of a panic while an answer is planned or written. The generated executor runs the
	// operation then. *Required.*
	Panicked func(ctx context.Context, value any)
}

// Executor answers queries from memory, and leaves all other operations to gqlgen's executor. The
// middlewares of fields do not see what it answers. It is safe for concurrent use.
type Executor struct {
	graphql.ExecutableSchema // the generated one
	cfg                      Config

	answered, dropped atomic.Uint64
}

// New returns an executor.
func New(cfg Config) *Executor { return &Executor{ExecutableSchema: cfg.Generated, cfg: cfg} }

// Answers returns how many operations were answered from memory, and how many were begun so but
// left to gqlgen's executor, because memory lacked a value.
func (e *Executor) Answers() (answered, dropped uint64) { return e.answered.Load(), e.dropped.Load() }

// Exec implements [graphql.ExecutableSchema]. The data of a response is a slice that package buffer
// lends: who has sent it may give it back.
func (e *Executor) Exec(ctx context.Context) graphql.ResponseHandler {
	operation := graphql.GetOperationContext(ctx)
	planned := e.planOf(ctx, operation)
	if planned == nil {
		return e.ExecutableSchema.Exec(ctx)
	}
	var generated graphql.ResponseHandler
	first := true
	return func(ctx context.Context) *graphql.Response {
		if first {
			first = false
			if data, ok := e.write(ctx, planned, operation); ok {
				return &graphql.Response{Data: data}
			}
			generated = e.ExecutableSchema.Exec(ctx)
		}
		if generated == nil {
			return nil
		}
		return generated(ctx)
	}
}

// write returns the data of the operation, false if gqlgen's executor must run it.
func (e *Executor) write(ctx context.Context, planned *plan, operation *graphql.OperationContext) (data []byte, ok bool) {
	if data, ok = e.try(ctx, planned, operation); ok {
		e.answered.Add(1)
	} else {
		e.dropped.Add(1)
	}
	return data, ok
}

// try returns nothing after a panic. The bytes are not used again then, because a writer may still
// know them.
func (e *Executor) try(ctx context.Context, planned *plan, operation *graphql.OperationContext) (data []byte, ok bool) {
	defer e.recover(ctx)
	return planned.write(ctx, operation)
}

func (e *Executor) recover(ctx context.Context) {
	if value := recover(); value != nil {
		e.cfg.Panicked(ctx, value)
	}
}

// planOf returns the plan of an operation that the caller may run, nil if gqlgen's executor must run
// it: only that one refuses fields, and records refusals.
func (e *Executor) planOf(ctx context.Context, operation *graphql.OperationContext) (planned *plan) {
	defer e.recover(ctx)
	if operation.Operation.Operation != ast.Query || e.cfg.Schema.Query == "" {
		return nil
	}
	known := e.compiled(ctx, operation)
	if known.root == nil {
		return nil
	}
	caller := auth.FromContext(ctx)
	for _, scope := range known.scopes {
		if !caller.Has(scope) {
			return nil
		}
	}
	return known
}

// compiled returns the plan of the operation. It is kept with the document, unless it depends on
// variables.
func (e *Executor) compiled(ctx context.Context, operation *graphql.OperationContext) *plan {
	plans := document.PlansFrom(ctx)
	if known, ok := plans.Load(operation.Operation).(*plan); ok {
		if known != dependent {
			return known
		}
		return e.compile(ctx, operation)
	}
	planned := &plan{bytes: planBytes}
	switch conditionsOf(operation.Doc, operation.Operation) {
	case unconditional:
		planned = e.compile(ctx, operation)
	case conditional:
		plans.Store(operation.Operation, dependent, planBytes)
		return e.compile(ctx, operation)
	}
	plans.Store(operation.Operation, planned, planned.bytes)
	return planned
}

// dependent stands for the plans of an operation that depend on variables.
var dependent = &plan{}

func (e *Executor) compile(ctx context.Context, operation *graphql.OperationContext) *plan {
	return (&compiler{schema: &e.cfg.Schema, resolvers: e.cfg.Resolvers, ctx: ctx, operation: operation}).compile()
}
