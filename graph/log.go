package graph

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/errcode"
	"wisphub-graphql/isp"
)

// logFailures logs the causes of errors that callers are not told: upstream failures and bugs. It
// does not log that a caller went away, nor text that a caller chose.
func logFailures(ctx context.Context, logger *slog.Logger, errs gqlerror.List) {
	for _, err := range errs {
		level := slog.LevelWarn
		switch err.Extensions["code"] {
		case errcode.Internal:
			level = slog.LevelError
		case errcode.UpstreamUnavailable, errcode.UpstreamTimeout, errcode.UpstreamRateLimited, errcode.RateLimited, errcode.OutcomeUnknown:
		default:
			continue
		}
		cause := err.Unwrap()
		if soon := (*isp.TooSoonError)(nil); errors.As(cause, &soon) || errors.Is(cause, auth.ErrTooManyAttempts) {
			continue // only the caller is at fault
		}
		if cause != nil && !errors.Is(cause, errcode.ErrPanic) && !errors.Is(cause, context.Canceled) {
			logger.Log(ctx, level, "GraphQL field failed", "path", schemaPath(ctx, err.Path), "error", causeText(cause),
				"request_id", auth.SourceFrom(ctx).RequestID)
		}
	}
}

// logFailedStart logs why a subscription could not start. Such a response has no data, and gqlgen
// does not pass it to the functions around responses. The context is the operation's.
func logFailedStart(ctx context.Context, logger *slog.Logger, responses graphql.ResponseHandler) graphql.ResponseHandler {
	return func(streamCtx context.Context) *graphql.Response {
		response := responses(streamCtx)
		if response != nil && response.Data == nil {
			logFailures(ctx, logger, response.Errors)
		}
		return response
	}
}

// maxLoggedText limits what may quote a caller's document, in characters.
const maxLoggedText = 100

// causeText returns the text of our own error below those of GraphQL, which repeat the path with its
// aliases. An error of GraphQL itself may quote the document, so its message is cut.
func causeText(err error) string {
	for located := (*gqlerror.Error)(nil); errors.As(err, &located); err = located.Err {
		if located.Err != nil {
			continue
		}
		if text := []rune(located.Message); len(text) > maxLoggedText {
			return string(text[:maxLoggedText]) + "…"
		}
		return located.Message
	}
	return err.Error()
}

// unknownField replaces the name of a field that cannot be told.
const unknownField = "?"

// schemaPath returns the path of an error in the schema's names of fields, without indexes. The path
// itself has the aliases, which the caller chose.
func schemaPath(ctx context.Context, path ast.Path) string {
	if len(path) == 0 || !graphql.HasOperationContext(ctx) {
		return ""
	}
	operation := graphql.GetOperationContext(ctx)
	var sets []ast.SelectionSet
	if operation.Operation != nil {
		sets = []ast.SelectionSet{operation.Operation.SelectionSet}
	}
	var names []string
	for _, element := range path {
		key, ok := element.(ast.PathName)
		if !ok {
			continue
		}
		found := fieldsWithKey{key: string(key), fragments: map[string]bool{}}
		for _, set := range sets {
			found.collect(set)
		}
		names, sets = append(names, found.schemaName()), found.sets
	}
	return strings.Join(names, ".")
}

// fieldsWithKey are the fields that have one key in an object of the response.
type fieldsWithKey struct {
	key       string
	fragments map[string]bool // those looked at
	name      string          // in the schema
	sets      []ast.SelectionSet
}

func (f *fieldsWithKey) collect(set ast.SelectionSet) {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			if selection.Alias == f.key {
				f.add(selection)
			}
		case *ast.InlineFragment:
			f.collect(selection.SelectionSet)
		case *ast.FragmentSpread:
			if selection.Definition != nil && !f.fragments[selection.Name] {
				f.fragments[selection.Name] = true
				f.collect(selection.Definition.SelectionSet)
			}
		}
	}
}

// add notes a field. Objects of different types may have different fields under one key.
func (f *fieldsWithKey) add(field *ast.Field) {
	name := unknownField
	if field.Definition != nil { // the schema has it
		name = field.Name
	}
	if f.name != "" && f.name != name {
		name = unknownField
	}
	f.name, f.sets = name, append(f.sets, field.SelectionSet)
}

func (f *fieldsWithKey) schemaName() string {
	if f.name == "" {
		return unknownField
	}
	return f.name
}
