// Package ratelimit shares a budget of calls that an upstream allows in any minute and any hour.
//
// A [Limiter] holds each call back until it fits both windows. Waiting calls go by [Priority],
// then in order of arrival. A call that would have to wait past its deadline is refused at once
// with an [*Error]. Replicas share one budget through a [Log].
package ratelimit
