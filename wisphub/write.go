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
	"strings"
	"sync/atomic"

	"wisphub-graphql/wisphub/ratelimit"
)

// A write is sent once: WispHub knows no idempotency key (wisphub-net-api §2.8), so a second one may do it twice. Whoever
// gets an error learns from [ErrOutcomeUnknown] whether the first may have done it.

// change is what a call that writes has more than one that reads.
type change struct {
	payload
	// answer is what a good answer holds beside its status.
	answer answerForm
	// mayBeSent is true once a byte of the request may have left.
	mayBeSent atomic.Bool
}

// answerForm is what a good answer to a write holds.
type answerForm int

const (
	jsonAnswer  answerForm = iota
	jsonOrEmpty            // 204, or 200 with an echo
	anyAnswer              // nobody knows
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

// formPayload is multipart: of the three encodings the only one that WispHub takes for tickets everywhere (§6.3).
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

func (a *API) newWrite(method string, body payload, answer answerForm, elements ...string) *call {
	c := &call{method: method, route: strings.Join(elements, "/"), address: a.address(nil, elements)}
	c.change = &change{payload: body, answer: answer}
	return c
}

// write sends c once and decodes the answer into out. It is a person's write, whatever the context says.
func (a *API) write(ctx context.Context, c *call, out any) error {
	if c.err != nil {
		return fmt.Errorf("wisphub: %s: %w", c, c.err)
	}
	ctx = ratelimit.WithPriority(ctx, func() ratelimit.Priority { return ratelimit.PriorityWrite })
	return c.outcome(a.try(ctx, c, out, a.timeout))
}

// writeRecord is write for an answer that must be an object, and a complete one.
func writeRecord[T any](ctx context.Context, api *API, c *call, complete func(*T) bool) (*T, error) {
	var answer Object[T]
	if err := api.write(ctx, c, &answer); err != nil {
		return nil, err
	}
	if answer.Value == nil || !complete(answer.Value) {
		return nil, c.outcome(c.invalid(http.StatusOK, "answer lacks what it is to bring"))
	}
	return answer.Value, nil
}

// outcome notes in err that the write may have been carried out. A status of 4xx says that it was not; every other does
// not: behind a redirect may be the page that follows a success.
func (c *call) outcome(err error) error {
	if e := (*Error)(nil); errors.As(err, &e) && c.mayBeSent.Load() && e.StatusCode/100 != 4 {
		e.unknown = true
	}
	return err
}

// take waits for the budget. A write that waited does not pay for it with the time for its answer: what was sent and cut
// short is worse than what was not sent.
func (a *API) take(ctx context.Context, c *call) (*ratelimit.Permit, error) {
	if c.change != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, a.timeout)
		defer cancel()
	}
	permit, err := a.limiter.Take(ctx)
	if refusal := (*ratelimit.Error)(nil); errors.As(err, &refusal) {
		return nil, c.held(refusal)
	}
	if err != nil {
		return nil, c.transportError(ctx, err)
	}
	return permit, nil
}

// request returns what c sends, and the transport for it.
func (a *API) request(ctx context.Context, c *call) (*http.Request, *http.Transport, error) {
	if c.change == nil {
		request, err := http.NewRequestWithContext(ctx, c.method, c.address, nil)
		return request, a.transport, err
	}
	// Between having a connection and writing to it there is no moment to fail in: what failed before was not sent.
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { c.mayBeSent.Store(true) },
	})
	request, err := http.NewRequestWithContext(ctx, c.method, c.address, bytes.NewReader(c.data))
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Content-Type", c.contentType)
	return request, a.writing, nil
}

// takes reports whether a good status makes body a good answer, whatever it holds.
func (c *call) takes(body []byte) bool {
	return c.change != nil && (c.answer == anyAnswer || c.answer == jsonOrEmpty && len(body) == 0)
}
