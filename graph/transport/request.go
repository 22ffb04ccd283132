package transport

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"wisphub-graphql/graph/document"
	"wisphub-graphql/graph/errcode"
)

// refusal is the response to a request that does not reach the executor.
type refusal struct {
	status        int
	message, code string
}

// readParams reads a body. A refusal never repeats parts of the request.
func readParams(body []byte, trusted *document.Trusted) (*graphql.RawParams, *refusal) {
	params, err := decodeParams(body, trusted)
	if limit := (*document.LimitError)(nil); errors.As(err, &limit) {
		return nil, &refusal{http.StatusUnprocessableEntity, limit.Message, errcode.QueryTooComplex}
	}
	if err != nil {
		const message = `The body must be a JSON object such as {"query": "…", "variables": {}}.`
		return nil, &refusal{http.StatusBadRequest, message, errcode.BadUserInput}
	}
	return params, nil
}

var errNoQuery = errors.New("the request must be one JSON object with a query")

// request is a GraphQL request. It has a query or the id of a trusted document. Apollo's clients
// send the id in extensions; documentId is from https://github.com/graphql/graphql-over-http.
type request struct {
	Query         string          `json:"query"`
	DocumentID    string          `json:"documentId"`
	OperationName string          `json:"operationName"`
	Variables     json.RawMessage `json:"variables"`
	Extensions    struct {
		PersistedQuery struct {
			SHA256Hash string `json:"sha256Hash"`
		} `json:"persistedQuery"`
	} `json:"extensions"`
}

// document returns the query, or the trusted document with the request's id. It returns "" and true
// for an unknown id. ok is false if the request has neither a query nor an id.
func (r *request) document(trusted *document.Trusted) (query string, ok bool) {
	if strings.TrimSpace(r.Query) != "" {
		return r.Query, true
	}
	id := cmp.Or(r.DocumentID, r.Extensions.PersistedQuery.SHA256Hash)
	return trusted.Text(id), trusted != nil && id != ""
}

// decodeParams decodes a body of exactly one JSON object. The query is empty if the document id is
// unknown. This is no error yet, so that callers without a token cannot probe for ids.
func decodeParams(body []byte, trusted *document.Trusted) (*graphql.RawParams, error) {
	var request request
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&request); err != nil {
		return nil, err
	}
	query, ok := request.document(trusted)
	if _, err := decoder.Token(); err != io.EOF || !ok {
		return nil, errNoQuery
	}
	variables, err := document.DecodeVariables(request.Variables)
	if err != nil {
		return nil, err
	}
	return &graphql.RawParams{Query: query, OperationName: request.OperationName, Variables: variables}, nil
}
