package ratelimit

import (
	"context"
	"hash/fnv"
	"strconv"
	"strings"
	"sync"
)

type usersKey struct{}

// WithUser returns a context whose calls are made for a user. The name is only compared with other
// names. An empty one stands for no user.
func WithUser(ctx context.Context, name string) context.Context {
	return WithUsers(ctx, func() []string { return []string{name} })
}

// WithUsers returns a context whose calls are made for several users who wait for the same answer.
// The call counts for the one who has spent the least, so that a user at its share does not hold up
// the others. The limiter asks for the names again while the call waits: a user may join it. The
// function must be fast and safe for concurrent use.
func WithUsers(ctx context.Context, names func() []string) context.Context {
	return context.WithValue(ctx, usersKey{}, names)
}

// UsersFrom returns the names given to [WithUser] or [WithUsers], without empty ones.
func UsersFrom(ctx context.Context) (names []string) {
	all, ok := ctx.Value(usersKey{}).(func() []string)
	if !ok {
		return nil
	}
	for _, name := range all() {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

// tagSeparator separates the number of a call from the tag of its user in the call's id.
const tagSeparator = "."

// tagOf returns a short hash of a user's name, "" for no user. The id of a call ends with it. So the
// call keeps its user when another replica announces it, or when it is restored from disk.
func tagOf(name string) string {
	if name == "" {
		return ""
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name)) // never fails
	return strconv.FormatUint(hash.Sum64(), 36)
}

// tagIn returns the tag in the id of a call, "" for none. Ids of earlier versions have none.
func tagIn(id string) string {
	_, tag, _ := strings.Cut(id, tagSeparator)
	return tag
}

type billKey struct{}

// Bill says for which user the calls of a context counted. It is safe for concurrent use.
type Bill struct {
	mu      sync.Mutex // guards what follows
	limiter *Limiter
	tag     string
}

// WithBill returns a context whose calls are recorded in the bill.
func WithBill(ctx context.Context) (context.Context, *Bill) {
	bill := &Bill{}
	return context.WithValue(ctx, billKey{}, bill), bill
}

// charge records a call. Ctx may have no bill.
func charge(ctx context.Context, l *Limiter, tag string) {
	bill, _ := ctx.Value(billKey{}).(*Bill)
	if bill == nil || tag == "" {
		return
	}
	bill.mu.Lock()
	defer bill.mu.Unlock()
	bill.limiter, bill.tag = l, tag
}

// NotFound says that the calls found nothing. A user may have few of these: see [Error]. It does
// nothing if no call was made for a user.
func (b *Bill) NotFound() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.limiter != nil {
		b.limiter.askers.addNotFound(b.tag)
	}
}
