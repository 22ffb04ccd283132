package graph

import (
	"context"
	"fmt"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"wisphub-graphql/auth"
)

// documents reads what callers ask. gqlgen would validate whatever it can parse, with every suggestion that comes to mind;
// here a document is parsed, held to its limits, and only then validated, each once. What has passed is handed to
// gqlgen, and kept for the next time.
type documents struct {
	schema *ast.Schema
	limits Limits
	closed bool // the schema is not to be known
	cache  graphql.Cache[*ast.QueryDocument]
	// trustedOnly are the only documents that are read, logins apart; nil for any.
	trustedOnly *TrustedDocuments
}

func newDocuments(limits Limits, closed bool) *documents {
	return &documents{
		schema: Schema(),
		limits: limits.orDefaults(),
		closed: closed,
		cache:  lru.New[*ast.QueryDocument](cachedDocuments),
	}
}

// read returns the document, or why it cannot run.
func (d *documents) read(ctx context.Context, text string) (*ast.QueryDocument, gqlerror.List) {
	switch {
	case text == "":
		return nil, gqlerror.List{gqlerror.Wrap(errNoSuchDocument)}
	case d.trustedOnly != nil && !d.trustedOnly.holds(text) && !isLogin(text):
		return nil, gqlerror.List{gqlerror.Wrap(errNotTrusted)}
	}
	if document, known := d.cache.Get(ctx, text); known {
		return document, nil
	}
	document, err := d.parse(text)
	if err != nil {
		return nil, gqlerror.List{err}
	}
	if errs := d.check(document, len(text)); errs != nil {
		return nil, errs
	}
	if len(text) <= maxCached && auth.FromContext(ctx) != nil { // strangers fill no memory
		d.cache.Add(ctx, text, document)
	}
	return document, nil
}

// handedOver is gqlgen's cache of documents, where it finds that which has been read for the request.
type handedOver struct{}

type documentKey struct{}

// Get implements [graphql.Cache].
func (handedOver) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	document, ok := ctx.Value(documentKey{}).(*ast.QueryDocument)
	return document, ok
}

// Add implements [graphql.Cache].
func (handedOver) Add(context.Context, string, *ast.QueryDocument) {}

func (d *documents) parse(text string) (*ast.QueryDocument, *gqlerror.Error) {
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, d.limits.Tokens)
	if err == nil {
		return document, nil
	}
	// The parser has no other way to tell this error.
	if located := gqlerror.WrapIfUnwrapped(err); located.Message != fmt.Sprintf("exceeded token limit of %d", d.limits.Tokens) {
		errcode.Set(located, errcode.ParseFailed)
		return nil, located
	}
	return nil, gqlerror.Wrap(atMost(d.limits.Tokens, d.limits.Tokens+1, "A document may have at most %d tokens."))
}

// check holds a document against its limits, then against the schema.
func (d *documents) check(document *ast.QueryDocument, size int) gqlerror.List {
	if err := d.limits.check(d.schema, document); err != nil {
		return gqlerror.List{gqlerror.WrapIfUnwrapped(err)}
	}
	if len(document.Operations) == 0 {
		return gqlerror.List{invalid("no operation provided")}
	}
	errs := validator.ValidateWithRules(d.schema, document, quietRules(d.closed))
	if len(errs) > 0 && len(errs) < maxErrors && size <= maxGuessed && !d.closed {
		errs = validator.ValidateWithRules(d.schema, document, guessingRules())
	}
	for _, err := range errs {
		errcode.Set(err, errcode.ValidationFailed)
	}
	return errs
}

func invalid(message string) *gqlerror.Error {
	err := gqlerror.Errorf("%s", message)
	errcode.Set(err, errcode.ValidationFailed)
	return err
}

// guarded is a transport whose documents are read here.
type guarded struct {
	graphql.Transport
	documents *documents
}

// Do implements [graphql.Transport].
func (g guarded) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	g.Transport.Do(w, r, reader{exec, g.documents})
}

// reader is the executor as the transports see it. A parameter mutator of gqlgen's could not tell more than one error.
type reader struct {
	graphql.GraphExecutor
	documents *documents
}

// CreateOperationContext implements [graphql.GraphExecutor].
func (r reader) CreateOperationContext(ctx context.Context, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	document, errs := r.documents.read(ctx, params.Query)
	if errs != nil {
		return &graphql.OperationContext{Headers: params.Headers}, errs
	}
	return r.GraphExecutor.CreateOperationContext(context.WithValue(ctx, documentKey{}, document), params)
}
