package wisphub

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/wisphub/ratelimit"
)

const (
	// firstTryTimeout is how long a caller's read waits for its first answer. WispHub answers
	// within 0.6 s or, for one call in eight, never (wisphub-net-api §2.8).
	firstTryTimeout = 3 * time.Second
	// maxJitter bounds the pause before the second try, so that callers that failed together do
	// not retry together.
	maxJitter = 500 * time.Millisecond
)

// get reads a path and decodes the answer into out. See newCall for pattern and ids. A caller's
// read is tried twice within the timeout. A background read is tried once, because its owner
// repeats it anyway.
func (a *API) get(ctx context.Context, out any, query url.Values, pattern string, ids ...string) error {
	c := a.newCall(http.MethodGet, query, pattern, ids...)
	if once, ok := onceFrom(ctx); ok {
		return a.try(ctx, c, out, min(once.limit, a.timeout))
	}
	if ratelimit.PriorityFrom(ctx)() == ratelimit.PriorityBackground {
		return a.try(ctx, c, out, a.timeout)
	}
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	err := a.try(ctx, c, out, min(firstTryTimeout, a.timeout/2))
	if !isFailure(err) {
		return err
	}
	if background.Sleep(ctx, rand.N(maxJitter)) != nil {
		return err
	}
	again := a.try(ctx, c, out, a.timeout)
	if isInconclusive(again) && ctx.Err() == nil {
		return err // the second try was not sent, so the first error says more
	}
	return again
}

// try sends the call once, when the breaker and the budget let it go. The timeout is for the
// answer.
func (a *API) try(ctx context.Context, c *call, out any, timeout time.Duration) (err error) {
	if err := a.admit(ctx, c); err != nil {
		return err
	}
	c.setUser(ctx)
	if err := cmp.Or(a.breaker.check(c), a.refusals.Load().check(c)); err != nil {
		return err
	}
	permit, err := a.take(ctx, c)
	if err != nil {
		return err
	}
	// Only after the wait for the budget: a probe that waits would block all other calls.
	report, err := a.allow(c)
	if err != nil {
		permit.Cancel()
		return err
	}
	defer permit.Release()
	defer func() { report(err) }()
	if once, ok := onceFrom(ctx); ok {
		once.sent()
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	buffer := answerBuffers.Get().(*answerBuffer)
	defer buffer.recycle() // nothing that was decoded refers to it
	body, err := a.send(ctx, c, buffer, mostBytes(out))
	if err == nil {
		err = a.decode(ctx, c, body, out)
	}
	a.redact(err)
	a.applyAnswer(c, err)
	return err
}

// allow lets the call go, or returns an error. The caller must call report once with the result.
// A result goes to the refusals of the key that the call began with.
func (a *API) allow(c *call) (report func(error), err error) {
	reportRefusal, err := a.refusals.Load().allow(c)
	if err != nil {
		return nil, err
	}
	reportFailure, err := a.breaker.allow(c)
	if err != nil {
		reportRefusal(err)
		return nil, err
	}
	return func(err error) { reportFailure(err); reportRefusal(err) }, nil
}

// applyAnswer does what an answer asks for. An answer about an earlier key says nothing about this one.
func (a *API) applyAnswer(c *call, err error) {
	if c.key != a.keyRing.current() {
		return
	}
	a.pauseIfAsked(c, err)
	if errors.Is(err, ErrForbidden) {
		a.onForbidden()
	}
}

// mostBytes returns how long an answer may be that is decoded into out.
func mostBytes(out any) int {
	if _, isList := out.(list); isList {
		return maxAnswerBytes
	}
	return maxRecordBytes
}

// decode decodes a good answer, and cleans what came.
func (a *API) decode(ctx context.Context, c *call, body []byte, out any) error {
	if err := c.decode(body, out); err != nil {
		return err
	}
	cleaned, rows := cleaner{redact: a.keyRing.redact}, 0
	cleaned.clean(out)
	if list, isList := out.(list); isList {
		rows = list.length()
	}
	reading, single := readingFrom(ctx)
	if single {
		defer reading.report()
	}
	return reading.add(c, a.logger, len(body), rows, &cleaned)
}

// send makes the call and returns the body of a good answer, of at most so many bytes. The body is
// in the buffer.
func (a *API) send(ctx context.Context, c *call, buffer *answerBuffer, most int) ([]byte, error) {
	request, transport, err := a.request(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("wisphub: %s: %w", c, err)
	}
	if c.key, err = a.usableKey(ctx, c); err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Api-Key "+c.key)
	request.Header.Set("Accept", "application/json")
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, c.transportError(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusSwitchingProtocols {
		// Its body is the bare connection, which ctx does not end.
		return nil, c.invalid(response.StatusCode, "answer switches to another protocol")
	}
	if response.StatusCode/100 != 2 {
		most = maxRefusalBytes
	}
	err = buffer.read(ctx, response.Body, most, a.largeAnswers)
	body := buffer.Bytes()
	if err != nil && !changedNothing(response.StatusCode) { // such a status counts even when its body is cut off
		return nil, c.transportError(ctx, err)
	}
	if response.StatusCode/100 != 2 {
		// Redact before texts are shortened: a cut could leave half a key.
		body = []byte(a.keyRing.redact(string(body)))
	}
	return body, c.check(response, body, most, a.keyRing.redact)
}

// redact removes the key from the error text: the network may have repeated it.
func (a *API) redact(err error) {
	if e := (*Error)(nil); errors.As(err, &e) {
		e.Detail = a.keyRing.redact(e.Detail)
	}
}

// check returns an error for everything but a JSON answer with a 2xx status, of at most so many
// bytes. Redact removes the key from a text.
func (c *call) check(response *http.Response, body []byte, most int, redact func(string) string) error {
	kind, status := contentOf(response.Header, body), response.StatusCode
	switch {
	case len(body) > most && status < 500 && status != http.StatusTooManyRequests:
		return c.invalid(status, fmt.Sprintf("answer exceeds %d kB", most>>10))
	case response.StatusCode/100 != 2:
		return c.refusal(response, kind, body, redact)
	case kind == htmlContent:
		return c.invalid(response.StatusCode, htmlText)
	case kind != jsonContent && !c.acceptsBody(body):
		return c.invalid(response.StatusCode, "answer is not JSON but "+mediaTypeText(response.Header))
	}
	return nil
}

// decode reads body into out. A value of the wrong type stays zero: the rest of the answer is
// good.
func (c *call) decode(body []byte, out any) error {
	if c.acceptsBody(body) {
		return nil
	}
	err := json.Unmarshal(body, out)
	if errors.Is(err, errTooManyRows) {
		return c.invalidList(err)
	}
	if wrongType := (*json.UnmarshalTypeError)(nil); err == nil || errors.As(err, &wrongType) {
		return nil
	}
	return c.invalid(http.StatusOK, "answer is truncated or not JSON")
}
