package wisphub

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptrace"
	"slices"
	"sync/atomic"

	"wisphub-graphql/wisphub/ratelimit"
)

// A write is sent once. WispHub has no idempotency keys (wisphub-net-api §2.8), so sending it
// again may carry it out twice. [ErrOutcomeUnknown] tells the caller that it may have been
// carried out.

// writeDetails is what a write has beyond a read.
type writeDetails struct {
	payload
	answer answerKind
	// mayBeSent is true once a byte of the request may have left.
	mayBeSent atomic.Bool
}

// answerKind is the body that a good answer to a write has.
type answerKind int

const (
	jsonAnswer  answerKind = iota
	jsonOrEmpty            // 204, or 200 with an echo
	anyAnswer              // undocumented
)

// payload is the body of a request.
type payload struct {
	contentType string
	data        []byte
	err         error
}

func jsonPayload(value any) payload {
	data, err := json.Marshal(value)
	return payload{contentType: "application/json", data: data, err: err}
}

// field is one value of a form.
type field struct{ name, value string }

// formPayload encodes a multipart form, the only encoding that WispHub accepts for tickets on
// every tenant (wisphub-net-api §6.3).
func formPayload(fields ...field) payload {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	var failed []error
	for _, f := range fields {
		failed = append(failed, form.WriteField(f.name, f.value))
	}
	failed = append(failed, form.Close())
	return payload{contentType: form.FormDataContentType(), data: body.Bytes(), err: errors.Join(failed...)}
}

func (a *API) newWrite(method string, body payload, answer answerKind, pattern string, ids ...string) *call {
	c := a.newCall(method, nil, pattern, ids...)
	c.writeDetails = &writeDetails{payload: body, answer: answer}
	return c
}

// write sends c once and decodes the answer into out. It has the priority of a write, whatever
// ctx says.
func (a *API) write(ctx context.Context, c *call, out any) error {
	if c.err != nil {
		return fmt.Errorf("wisphub: %s: %w", c, c.err)
	}
	ctx = ratelimit.WithPriority(ctx, func() ratelimit.Priority { return ratelimit.PriorityWrite })
	return c.markOutcome(a.try(ctx, c, out, a.timeout))
}

// writeRecord is write for an answer that must be a complete object.
func writeRecord[T any](ctx context.Context, api *API, c *call, complete func(*T) bool) (*T, error) {
	var answer Object[T]
	if err := api.write(ctx, c, &answer); err != nil {
		return nil, err
	}
	if answer.Value == nil || !complete(answer.Value) {
		return nil, c.markOutcome(c.invalid(http.StatusOK, "answer lacks the id"))
	}
	return answer.Value, nil
}

// notReached are the statuses with which Cloudflare says that it did not reach the origin
// (wisphub-net-api §11). 520, 522 and 524 leave that open.
var notReached = []int{521, 523, 525, 526, 530}

// changedNothing reports whether a status says that a write was not carried out.
func changedNothing(status int) bool {
	return status/100 == 4 || slices.Contains(notReached, status)
}

// markOutcome marks err if the write may have been carried out. Only the statuses of changedNothing
// say that it was not. A redirect does not: it may lead to the page that follows a success.
func (c *call) markOutcome(err error) error {
	e := (*Error)(nil)
	if errors.As(err, &e) && c.mayBeSent.Load() && !changedNothing(e.StatusCode) {
		e.outcomeUnknown = true
	}
	return err
}

// take waits for the budget. The wait of a write does not shorten the time for its answer: a
// write that is sent and then cut short is worse than one that is not sent.
func (a *API) take(ctx context.Context, c *call) (*ratelimit.Permit, error) {
	if c.writeDetails != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, a.timeout)
		defer cancel()
	}
	if err := a.awaitPause(ctx, c); err != nil {
		return nil, err
	}
	permit, err := a.limiter.Take(ctx)
	if refusal := (*ratelimit.Error)(nil); errors.As(err, &refusal) {
		return nil, c.budgetError(refusal)
	}
	if err != nil {
		return nil, c.transportError(ctx, err)
	}
	return permit, nil
}

// request returns the HTTP request of c and the transport for it.
func (a *API) request(ctx context.Context, c *call) (*http.Request, *http.Transport, error) {
	if c.writeDetails == nil {
		request, err := http.NewRequestWithContext(ctx, c.method, c.address, nil)
		return request, a.readTransport, err
	}
	// Nothing can fail between getting a connection and writing to it. An earlier failure means
	// that nothing was sent.
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { c.mayBeSent.Store(true) },
	})
	request, err := http.NewRequestWithContext(ctx, c.method, c.address, bytes.NewReader(c.data))
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Content-Type", c.contentType)
	return request, a.writeTransport, nil
}

// acceptsBody reports whether body needs no decoding: a good status alone makes the answer good.
func (c *call) acceptsBody(body []byte) bool {
	return c.writeDetails != nil && (c.answer == anyAnswer || c.answer == jsonOrEmpty && len(body) == 0)
}
