package wisphub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wisphub-graphql/background"
	"wisphub-graphql/wisphub/ratelimit"
)

const (
	// maxAnswerBytes bounds what one answer may hold: 300 client rows weigh about 600 kB.
	maxAnswerBytes = 8 << 20
	// firstTry is how long a person's read waits for its first answer: WispHub answers within 0.6 s or, one call in eight,
	// never (wisphub-net-api §2.8).
	firstTry = 3 * time.Second
	// maxJitter bounds the pause before the second try, so that many who failed together do not come again together.
	maxJitter = 500 * time.Millisecond
)

// get reads path (elements are escaped one by one, the trailing slash is added) and decodes the answer into out. A person's
// read is tried twice within the timeout; what nobody waits for once, because whoever began it comes again.
func (a *API) get(ctx context.Context, out any, query url.Values, elements ...string) error {
	c := &call{method: http.MethodGet, route: strings.Join(elements, "/"), address: a.address(query, elements)}
	if ratelimit.PriorityFrom(ctx)() == ratelimit.PriorityBackground {
		return a.try(ctx, c, out, a.timeout)
	}
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	err := a.try(ctx, c, out, min(firstTry, a.timeout/2))
	if !isFailure(err) {
		return err
	}
	if background.Sleep(ctx, rand.N(maxJitter)) != nil {
		return err
	}
	again := a.try(ctx, c, out, a.timeout)
	if isNoAnswer(again) && ctx.Err() == nil {
		return err // the second try was not let go; the first says more
	}
	return again
}

// try sends the call once, when breaker and budget let it go, and gives its answer so much time.
func (a *API) try(ctx context.Context, c *call, out any, timeout time.Duration) (err error) {
	if err := a.breaker.open(c); err != nil {
		return err
	}
	permit, err := a.take(ctx, c)
	if err != nil {
		return err
	}
	// Behind the wait for the budget: who probes must not keep others waiting in line.
	report, err := a.breaker.allow(c)
	if err != nil {
		permit.Cancel()
		return err
	}
	defer permit.Release()
	defer func() { report(err) }()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	body, err := a.send(ctx, c)
	if err == nil {
		err = c.decode(body, out)
	}
	a.redact(err)
	a.pauseIfAsked(err)
	if errors.Is(err, ErrForbidden) {
		a.refused()
	}
	return err
}

// send does the call and returns the body of a good answer.
func (a *API) send(ctx context.Context, c *call) ([]byte, error) {
	request, transport, err := a.request(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("wisphub: %s: %w", c, err)
	}
	request.Header.Set("Authorization", "Api-Key "+a.keys.current())
	request.Header.Set("Accept", "application/json")
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, c.transportError(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusSwitchingProtocols {
		// Its body is the bare connection, which ctx does not end.
		return nil, c.invalid(response.StatusCode, "another protocol")
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	if err != nil && response.StatusCode/100 != 4 { // a refusal is one even when its words break off
		return nil, c.transportError(ctx, err)
	}
	if response.StatusCode/100 != 2 {
		// Before the words are shortened: half a key is too much.
		body = []byte(a.keys.redact(string(body)))
	}
	return body, c.check(response, body)
}

// pauseIfAsked pauses all calls after a 429, and after any other answer that names a time.
func (a *API) pauseIfAsked(err error) {
	if e := (*Error)(nil); errors.As(err, &e) && e.StatusCode != 0 && (e.kind == ErrRateLimited || e.RetryAfter > 0) {
		a.limiter.Pause(e.RetryAfter)
	}
}

// redact strikes the key out of what the network said, should it have repeated it.
func (a *API) redact(err error) {
	if e := (*Error)(nil); errors.As(err, &e) {
		e.Detail = a.keys.redact(e.Detail)
	}
}

func (a *API) address(query url.Values, elements []string) string {
	escaped := make([]string, 0, len(elements)+1)
	for _, element := range elements {
		escaped = append(escaped, url.PathEscape(element))
	}
	// The slash at the end is part of every documented path; without it WispHub answers 301.
	address := a.base.JoinPath(append(escaped, "/")...)
	address.RawQuery = query.Encode()
	return address.String()
}

// call is one request. Errors name its method and route, without query (it may hold a person's data) and without host.
type call struct {
	method, route, address string
	*change                // nil for a read
}

func (c *call) String() string { return c.method + " " + c.route }

// check turns everything but a JSON answer with a 2xx status into an error.
func (c *call) check(response *http.Response, body []byte) error {
	mediaType, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	isJSON := mediaType == "application/json"
	switch {
	case len(body) > maxAnswerBytes:
		return c.invalid(response.StatusCode, "answer over the size limit")
	case response.StatusCode/100 != 2:
		return c.refused(response, isJSON, body)
	case !isJSON && !c.takes(body):
		return c.invalid(response.StatusCode, "answer is not JSON but "+mediaTypeText(mediaType))
	}
	return nil
}

// decode reads body into out. A value of another type than expected stays zero: the rest of the answer is good.
func (c *call) decode(body []byte, out any) error {
	if c.takes(body) {
		return nil
	}
	err := json.Unmarshal(body, out)
	if wrongType := (*json.UnmarshalTypeError)(nil); err == nil || errors.As(err, &wrongType) {
		return nil
	}
	return c.invalid(http.StatusOK, "answer is truncated or not JSON")
}
