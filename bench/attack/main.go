// Command attack measures how much an attack slows down legitimate readers. It measures them alone
// first, then beside 32 connections that send oversized documents, bad tokens, password guesses and
// slow bodies. It attacks the demo, which must run on this machine:
//
//	wisphub-graphql demo &
//	go run ./bench/attack
//
// It exits with status 1 when the attack makes the 99th percentile of the reads more than four
// times as slow.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"sync"
	"time"
)

// maxSlowdown is how many times slower the p99 of the readers may be under attack.
const maxSlowdown = 4

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	base := flag.String("url", "http://127.0.0.1:8000", "URL of the facade, on loopback")
	duration := flag.Duration("for", 20*time.Second, "duration of each phase")
	readers := flag.Int("readers", 4, "number of legitimate connections")
	attackers := flag.Int("attackers", 32, "number of attacking connections")
	flag.Parse()
	if err := checkLoopback(*base); err != nil {
		return err
	}
	token, err := login(*base)
	if err != nil {
		return err
	}
	measure(*base, token, *readers, 0, *duration/4) // warm up
	baseline := measure(*base, token, *readers, 0, *duration)
	attacked := measure(*base, token, *readers, *attackers, *duration)
	fmt.Printf("baseline  %v\nattacked  %v\n", baseline.latencies, attacked.latencies)
	for _, a := range attacked.attacks {
		fmt.Printf("  %-18s %7d answers, statuses %v\n", a.name, a.answers(), a.statuses)
	}
	return compare(baseline, attacked)
}

// checkLoopback refuses to attack another machine.
func checkLoopback(base string) error {
	u, err := url.Parse(base)
	if err != nil {
		return err
	}
	if address := net.ParseIP(u.Hostname()); address == nil || !address.IsLoopback() {
		return errors.New("attack: -url must be on loopback, such as http://127.0.0.1:8000")
	}
	return nil
}

// compare prints the slowdown. It returns an error when a read failed or the slowdown is too large.
func compare(baseline, attacked result) error {
	if failed := baseline.latencies.failed + attacked.latencies.failed; failed > 0 {
		return fmt.Errorf("attack: %d legitimate reads failed, want 0", failed)
	}
	slowdown := float64(attacked.latencies.percentile(0.99)) / float64(baseline.latencies.percentile(0.99))
	fmt.Printf("p99 is %.1f times the baseline\n", slowdown)
	if slowdown > maxSlowdown {
		return fmt.Errorf("attack: the p99 is %.1f times the baseline, want at most %d times", slowdown, maxSlowdown)
	}
	return nil
}

// result is the outcome of one phase.
type result struct {
	latencies latencies
	attacks   []*attack
}

// measure runs readers and attackers at the same time.
func measure(base, token string, readers, attackers int, duration time.Duration) result {
	ctx, cancel := context.WithTimeout(context.Background(), duration)
	defer cancel()
	r := result{attacks: newAttacks(base, token)}
	var group sync.WaitGroup
	for i := range attackers {
		group.Go(func() { r.attacks[i%len(r.attacks)].run(ctx) })
	}
	var mu sync.Mutex
	for range readers {
		group.Go(func() {
			l := read(ctx, base, token)
			mu.Lock()
			defer mu.Unlock()
			r.latencies.add(l)
		})
	}
	group.Wait()
	return r
}
