package shared

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/valkey-io/valkey-go"
)

// Ledger is a log of the calls that all replicas make, timed by the server's
// clock. It is safe for concurrent use. All ledgers of one name share one log.
type Ledger struct {
	store                    *Store
	name                     string
	minuteWindow, hourWindow time.Duration

	// merged is the connection of the last Merge. A lost connection never
	// recovers, so while this one lasts the server was not restarted.
	merged atomic.Pointer[connection]

	// others are the other members as last seen: name, time of contact, shares,
	// and number of the last known call. Merge puts them back into a ledger that was flushed.
	others atomic.Pointer[[]string]
}

// memberFields is how many fields the scripts have for each member.
const memberFields = 4

// errForgotten is returned by calls that need a Merge first.
var errForgotten = fmt.Errorf("%w: it does not know this replica's calls", ErrStoreLost)

// Ledger returns the ledger of that name, in which calls count for
// minuteWindow and hourWindow. Both should exceed a minute and an hour: a call
// takes a while to reach the API that counts it. All replicas must pass the
// same windows.
func (s *Store) Ledger(name string, minuteWindow, hourWindow time.Duration) *Ledger {
	return &Ledger{store: s, name: name, minuteWindow: minuteWindow, hourWindow: hourWindow}
}

// Enter records a call that is made now, unless it would exceed a limit, or a
// pause is active. Then it records nothing, and wait is the time until a retry
// may succeed. After an error the call may or may not be recorded.
//
// Any replica may lose the server now and go on with its share of what is left,
// as far as it knows. So a call weighs as much as there are shares, less the
// shares of the replicas that have confirmed it. Once all have, they leave the
// last few calls of the limit to the first that asks.
//
// Before the first Merge, and from a loss of the server or of its keys until the
// next Merge, Enter fails with an error that is [ErrStoreLost]: the ledger may
// lack calls that were made without it.
func (l *Ledger) Enter(
	ctx context.Context, m Member, e Entry,
) (number int64, wait time.Duration, err error) {
	merged := l.merged.Load()
	if merged == nil {
		return 0, 0, ErrStoreLost
	}
	args := append(l.args(m), e.ID, l.store.channel(), l.store.encode(l.topic(), e.ID),
		strconv.Itoa(e.Minute), strconv.Itoa(e.MinuteLimit),
		strconv.Itoa(e.Hour), strconv.Itoa(e.HourLimit))
	var answer []int64
	err = merged.do(ctx, commandTimeout, func(ctx context.Context, c *connection) (err error) {
		answer, err = enterScript.Exec(ctx, c.commands, l.keys(), args).AsIntSlice()
		return err
	})
	switch {
	case err != nil:
		return 0, 0, err
	case len(answer) != 2:
		return 0, 0, errForgotten
	}
	return answer[0], time.Duration(answer[1]) * time.Microsecond, nil
}

// Leave removes a call that was recorded but not made, even if ctx has ended,
// which is often the reason. It publishes nothing: subscribers count the call
// like any other.
func (l *Ledger) Leave(ctx context.Context, id string) error {
	args := append(l.args(Member{}), id)
	_, err := l.store.eval(context.WithoutCancel(ctx), leaveScript, l.keys(), args...)
	return err
}

// Quit removes the replica from those for which others reserve a share. A
// replica that does not quit is remembered for hourWindow.
func (l *Ledger) Quit(ctx context.Context, m Member) error {
	_, err := l.store.eval(ctx, quitScript, l.keys(), l.args(m)...)
	return err
}

// Sync returns the calls that m lacks. It fails like [Ledger.Enter].
func (l *Ledger) Sync(ctx context.Context, m Member) (View, error) {
	merged := l.merged.Load()
	if merged == nil {
		return View{}, ErrStoreLost
	}
	return l.exchange(ctx, merged, m, []string{"0", "0"})
}

// Merge adds the calls that the ledger lacks, given by their age, and returns
// all of its calls, those of other replicas included. Repeating it changes
// nothing. Call it before the first Enter and after an error: the ledger may be
// empty, and lacks calls made without it.
func (l *Ledger) Merge(
	ctx context.Context, m Member, calls map[string]time.Duration,
) (View, error) {
	c := l.store.current.Load()
	if c == nil {
		return View{}, cmp.Or(ctx.Err(), ErrStoreLost)
	}
	var others []string
	if remembered := l.others.Load(); remembered != nil {
		others = *remembered
	}
	args := append([]string{"1", strconv.Itoa(len(others) / memberFields)}, others...)
	for id, age := range calls {
		args = append(args, id, microseconds(max(age, 0)))
	}
	view, err := l.exchange(ctx, c, m, args)
	if err == nil {
		l.merged.Store(c)
	}
	return view, err
}

// exchange runs the script of Sync and Merge.
func (l *Ledger) exchange(
	ctx context.Context, c *connection, m Member, more []string,
) (View, error) {
	args := append(l.args(m), l.store.channel(), l.store.encode(l.topic(), ""))
	args = append(args, more...)
	var answer []valkey.ValkeyMessage
	err := c.do(ctx, valueTimeout, func(ctx context.Context, c *connection) (err error) {
		answer, err = syncScript.Exec(ctx, c.values, l.keys(), args).ToArray()
		return err
	})
	switch {
	case err != nil:
		return View{}, err
	case len(answer) != 6:
		return View{}, errForgotten
	}
	return l.view(answer)
}

// view reads the answer of syncScript.
func (l *Ledger) view(answer []valkey.ValkeyMessage) (View, error) {
	var numbers [4]int64
	var err error
	for i := range numbers {
		if numbers[i], err = answer[i].AsInt64(); err != nil {
			return View{}, err
		}
	}
	others, err := answer[4].AsStrSlice()
	if err != nil {
		return View{}, err
	}
	ages, err := answer[5].AsIntMap()
	if err != nil {
		return View{}, err
	}
	l.others.Store(&others)
	calls := make(map[string]time.Duration, len(ages))
	for id, age := range ages {
		// Negative if the server's clock was set back.
		calls[id] = max(time.Duration(age)*time.Microsecond, 0)
	}
	return View{
		Calls: calls, Known: numbers[0], Pending: numbers[1] == 1, Shares: int(numbers[2]), Fresh: numbers[3] == 1,
		Others: readOthers(others),
	}, nil
}

func readOthers(fields []string) (others []Other) {
	for member := range slices.Chunk(fields, memberFields) {
		shares, _ := strconv.Atoi(member[2]) // the script writes digits
		known, _ := strconv.ParseInt(member[3], 10, 64)
		others = append(others, Other{Known: known, Shares: shares})
	}
	return others
}

// Subscribe calls handle with the id of each call that another replica enters,
// and with "" when another replica joins, as [Store.Subscribe] does. Calls that
// Merge adds are not published.
func (l *Ledger) Subscribe(handle func(id string)) (stop func()) {
	return l.store.Subscribe(l.topic(), handle)
}

// Pause makes Enter refuse calls in all replicas for d. It never shortens an
// active pause.
func (l *Ledger) Pause(ctx context.Context, d time.Duration) error {
	_, err := l.store.eval(ctx, pauseScript, []string{l.pauseKey()}, milliseconds(d))
	return err
}

// Resume ends a pause in all replicas.
func (l *Ledger) Resume(ctx context.Context) error {
	return l.store.do(ctx, commandTimeout, func(ctx context.Context, c *connection) error {
		return c.commands.Do(ctx, c.commands.B().Del().Key(l.pauseKey()).Build()).Error()
	})
}

// Replicas is [Store.Replicas].
func (l *Ledger) Replicas() int { return l.store.Replicas() }

func (l *Ledger) topic() string    { return "ledger:" + l.name }
func (l *Ledger) pauseKey() string { return l.store.key("pause", l.name) }

// keys and args begin those of each script.
func (l *Ledger) keys() []string {
	key := l.store.key
	return []string{key("calls", l.name), key("call-numbers", l.name), key("callers", l.name), l.pauseKey()}
}

func (l *Ledger) args(m Member) []string {
	return []string{
		microseconds(l.minuteWindow), microseconds(l.hourWindow),
		m.Name, strconv.FormatInt(m.Known, 10), strconv.Itoa(m.Shares),
	}
}

func microseconds(d time.Duration) string {
	return strconv.FormatInt(d.Microseconds(), 10)
}
