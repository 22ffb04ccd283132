// Package document decides which GraphQL documents may run: it parses, limits and validates them,
// caches those that pass, and knows the trusted ones.
package document

import (
	"context"
	"fmt"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	gqlcode "github.com/99designs/gqlgen/graphql/errcode"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"wisphub-graphql/auth"
	"wisphub-graphql/graph/errcode"
)

// Config has the options of a [Reader].
type Config struct {
	// Schema is the public schema. *Required.*
	Schema *ast.Schema
	// Limits bound every document. *Optional*, those that [Limits] names.
	Limits Limits
	// Introspection lets callers read the schema, and adds suggestions ("Did you mean …") to
	// errors. *Optional*, off.
	Introspection bool
	// TrustedOnly are the only documents that may run, apart from logins. *Optional*; nil allows
	// any document.
	TrustedOnly *Trusted
}

// Reader parses and validates documents. gqlgen validates whatever it can parse and looks for every
// suggestion. A Reader checks the limits before it validates, and caches what passes.
type Reader struct {
	cfg   Config
	cache *cache
}

// NewReader returns a reader with an empty cache.
func NewReader(cfg Config) *Reader {
	cfg.Limits = cfg.Limits.orDefaults()
	return &Reader{cfg: cfg, cache: newCache(maxCachedBytes)}
}

// Install makes the server use these transports, with documents that the reader has read.
func (r *Reader) Install(server *handler.Server, transports ...graphql.Transport) {
	for _, transport := range transports {
		server.AddTransport(readingTransport{transport, r})
	}
	server.SetQueryCache(markedDocuments{})
	// In case a document reaches the server without the reader.
	server.SetParserTokenLimit(r.cfg.Limits.Tokens)
	server.SetValidationRulesFn(func() *rules.Rules { return plainRules(r.cfg.Introspection) })
}

// read returns the parsed document, or why it may not run.
func (r *Reader) read(ctx context.Context, text string) (*checkedDocument, gqlerror.List) {
	trusted := r.cfg.TrustedOnly
	switch {
	case text == "":
		return nil, gqlerror.List{gqlerror.Wrap(errcode.ErrUnknownDocument)}
	case trusted != nil && !trusted.contains(text) && !IsLogin(text):
		return nil, gqlerror.List{gqlerror.Wrap(errcode.ErrNotTrusted)}
	}
	if document := r.cache.get(text); document != nil {
		return document, nil
	}
	tree, err := r.parse(text)
	if err != nil {
		return nil, gqlerror.List{err}
	}
	if errs := r.check(tree, len(text)); errs != nil {
		return nil, errs
	}
	document := newCheckedDocument(text, tree)
	if caller := auth.FromContext(ctx); caller != nil { // callers without a token must not fill the cache
		document = r.cache.add(caller.Username, document)
	}
	return document, nil
}

// CacheSize returns how many parsed documents are cached and about how many bytes they take.
func (r *Reader) CacheSize() (documents, bytes int) { return r.cache.size() }

func (r *Reader) parse(text string) (*ast.QueryDocument, *gqlerror.Error) {
	limit := r.cfg.Limits.Tokens
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, limit)
	if err == nil {
		return document, nil
	}
	// The parser identifies this error by its message only.
	if located := gqlerror.WrapIfUnwrapped(err); located.Message != fmt.Sprintf("exceeded token limit of %d", limit) {
		setCode(located, errcode.ParseFailed)
		return nil, located
	}
	return nil, gqlerror.Wrap(checkLimit(limit, limit+1, "The query exceeds the maximum of %d tokens."))
}

// check checks the limits of a document, then validates it. The size is in bytes.
func (r *Reader) check(document *ast.QueryDocument, size int) gqlerror.List {
	if err := newGuard(r.cfg.Schema, r.cfg.Limits, document).check(document); err != nil {
		return gqlerror.List{gqlerror.WrapIfUnwrapped(err)}
	}
	if len(document.Operations) == 0 {
		err := gqlerror.Errorf("The document has no operation.")
		setCode(err, errcode.ValidationFailed)
		return gqlerror.List{err}
	}
	errs := validator.ValidateWithRules(r.cfg.Schema, document, plainRules(r.cfg.Introspection))
	if suggest := r.cfg.Introspection && size <= maxSuggestBytes; suggest && len(errs) > 0 && len(errs) < errcode.MaxErrors {
		errs = validator.ValidateWithRules(r.cfg.Schema, document, suggestingRules())
	}
	for _, err := range errs {
		setCode(err, errcode.ValidationFailed)
	}
	return errs
}

func setCode(err *gqlerror.Error, code string) { gqlcode.Set(err, code) }

// markKey is the only key of a document's mark.
const markKey = "wisphub-graphql/graph/document"

func newCheckedDocument(text string, tree *ast.QueryDocument) *checkedDocument {
	document := &checkedDocument{text: text, tree: tree}
	document.mark = map[string]any{markKey: document}
	return document
}

// documentIn returns the document of an operation, nil if it did not come from a [Reader]. The
// reader puts the document's mark into the extensions of the request, whose own are never used:
// this costs nothing, while a value in the context costs memory for each request.
func documentIn(operation *graphql.OperationContext) *checkedDocument {
	document, _ := operation.Extensions[markKey].(*checkedDocument)
	return document
}

// markedDocuments is gqlgen's cache of documents. It returns the document that the reader has put
// into the operation.
type markedDocuments struct{}

// Get implements [graphql.Cache].
func (markedDocuments) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	document := documentIn(graphql.GetOperationContext(ctx))
	if document == nil {
		return nil, false
	}
	return document.tree, true
}

// Add implements [graphql.Cache].
func (markedDocuments) Add(context.Context, string, *ast.QueryDocument) {}

// readingTransport is a transport whose documents are read by a [Reader].
type readingTransport struct {
	graphql.Transport
	reader *Reader
}

// Do implements [graphql.Transport].
func (t readingTransport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	t.Transport.Do(w, r, readingExecutor{exec, t.reader})
}

// readingExecutor reads a document and prepares the operation before gqlgen creates it. One of
// gqlgen's mutators cannot do that, because it can return only one error.
type readingExecutor struct {
	graphql.GraphExecutor
	reader *Reader
}

// CreateOperationContext implements [graphql.GraphExecutor]. Without a token the only document that
// gets here is a login, and each of its errors is the same [errcode.ErrLoginMisfit]: any other
// message would tell strangers about the schema.
func (e readingExecutor) CreateOperationContext(ctx context.Context, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	operation, errs := e.create(ctx, params)
	if errs != nil && auth.FromContext(ctx) == nil {
		return &graphql.OperationContext{Headers: params.Headers}, gqlerror.List{gqlerror.Wrap(errcode.ErrLoginMisfit)}
	}
	return operation, errs
}

func (e readingExecutor) create(ctx context.Context, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	document, errs := e.reader.read(ctx, params.Query)
	if errs != nil {
		return &graphql.OperationContext{Headers: params.Headers}, errs
	}
	prepared, errs := e.reader.prepare(document, params)
	if errs != nil {
		return prepared, errs
	}
	return e.GraphExecutor.CreateOperationContext(ctx, &graphql.RawParams{
		Query:         params.Query,
		OperationName: params.OperationName,
		Variables:     prepared.Variables,
		Extensions:    prepared.Extensions,
		Headers:       params.Headers,
		ReadTime:      params.ReadTime,
	})
}
