package main

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"
)

// stopMemory ends an attack early, before it takes the memory of this machine.
const stopMemory = 1500 // MB

// attack is one way to harm the facade.
type attack struct {
	name, about string
	// prepare changes what the attack is to meet; nil for nothing.
	prepare func(*target)
	// start starts the attackers, in a process of their own.
	start func(*assault)
	// after checks, when the attack has ended, what legitimate callers must still get; nil for
	// nothing.
	after func(context.Context, *target) error
}

// phase is what was measured while legitimate callers asked, alone or beside an attack.
type phase struct {
	samples  samples
	peak     int64          // memory of the facade in MB, 0 when unknown
	upstream map[string]int // calls by route
	answers  map[string]int // to the attackers
}

// attack tries an attack until the facade holds, at most as often as the flag says.
func (o options) attack(ctx context.Context, dir string, a attack) (best result, err error) {
	for try := range o.tries {
		r, err := o.attackOnce(ctx, dir, a)
		if err != nil {
			return best, err
		}
		if try == 0 || r.verdict() == nil || r.worst().ratio < best.worst().ratio {
			best = r
		}
		if best.verdict() == nil || ctx.Err() != nil {
			break
		}
	}
	return best, nil
}

// attackOnce starts a facade and measures a calm and an attacked phase.
func (o options) attackOnce(ctx context.Context, dir string, a attack) (result, error) {
	t, err := startTarget(ctx, o, dir)
	if err != nil {
		return result{}, err
	}
	defer t.stop()
	if _, err := t.measure(ctx, min(time.Second, o.duration), nil); err != nil { // connections and pools warm up
		return result{}, err
	}
	r := result{attack: a}
	if r.calm, err = t.measure(ctx, o.duration, nil); err == nil {
		r.attacked, err = t.measure(ctx, o.duration, &a)
	}
	return r, err
}

// measure lets the legitimate callers run, beside the attackers unless a is nil.
func (t *target) measure(ctx context.Context, duration time.Duration, a *attack) (*phase, error) {
	p := &phase{}
	t.upstream.Simulator.Reset()
	_ = t.process.ResetPeakMemory() // without it, the peak counts from the start
	end, err := t.begin(a)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, duration)
	defer cancel()
	go t.guardMemory(ctx, cancel)
	var group sync.WaitGroup
	for _, c := range t.callers() {
		group.Go(func() { c.run(ctx, &p.samples) })
	}
	group.Wait() // the attack goes on until the last caller has its answer
	if p.answers, err = end(); err != nil {
		return nil, fmt.Errorf("attackers: %w", err)
	}
	if a != nil && a.after != nil {
		p.checkAfter(a, t)
	}
	p.samples.sort()
	p.peak, p.upstream = t.process.PeakMemory(), maps.Clone(t.upstream.Simulator.Requests())
	return p, nil
}

// begin starts the attack, unless it is nil. The caller must call end.
func (t *target) begin(a *attack) (end func() (map[string]int, error), err error) {
	if a == nil {
		return func() (map[string]int, error) { return nil, nil }, nil
	}
	if a.prepare != nil {
		a.prepare(t)
	}
	started, err := startAttackers(site{
		Attack: a.name, Host: t.host, Tokens: t.tokens, Largest: t.largest, ServiceIDs: t.upstream.ServiceIDs,
	})
	if err != nil {
		return nil, err
	}
	return started.end, nil
}

// checkAfter counts what fails after the attack as failures of legitimate callers.
func (p *phase) checkAfter(a *attack, t *target) {
	ctx, cancel := context.WithTimeout(context.Background(), callerTimeout)
	defer cancel()
	start := time.Now()
	if err := a.after(ctx, t); err != nil {
		p.samples.add("afterwards", time.Since(start), fmt.Errorf("afterwards: %w", err))
	}
}

// guardMemory calls cancel when the facade takes too much memory.
func (t *target) guardMemory(ctx context.Context, cancel context.CancelFunc) {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if t.process.PeakMemory() > stopMemory {
				cancel()
			}
		}
	}
}
