// Command attack measures what legitimate readers feel while a facade is attacked: first alone, then beside 32 connections of
// bombs, bad tokens, login floods and slow bodies. It attacks the demo, which must run on this machine:
//
//	wisphub-graphql demo &
//	go run ./bench/attack
//
// It exits with 1 when the attack makes the slowest hundredth of the reads more than four times as slow.
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

// mostSlowdown is how much slower a legitimate p99 may be under attack.
const mostSlowdown = 4

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	base := flag.String("url", "http://127.0.0.1:8000", "the facade, on loopback")
	during := flag.Duration("for", 20*time.Second, "how long each phase lasts")
	readers := flag.Int("readers", 4, "legitimate connections")
	attackers := flag.Int("attackers", 32, "attacking connections")
	flag.Parse()
	if err := checkLoopback(*base); err != nil {
		return err
	}
	token, err := login(*base)
	if err != nil {
		return err
	}
	phase(*base, token, *readers, 0, *during/4) // warms up what is measured
	calm := phase(*base, token, *readers, 0, *during)
	attacked := phase(*base, token, *readers, *attackers, *during)
	fmt.Printf("calm      %v\nattacked  %v\n", calm.latencies, attacked.latencies)
	for _, a := range attacked.attacks {
		fmt.Printf("  %-18s %7d answers, statuses %v\n", a.name, a.count(), a.statuses)
	}
	return judge(calm, attacked)
}

// checkLoopback keeps the attack on this machine.
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

func judge(calm, attacked result) error {
	if calm.latencies.failed+attacked.latencies.failed > 0 {
		return fmt.Errorf("attack: %d legitimate reads failed", calm.latencies.failed+attacked.latencies.failed)
	}
	slowdown := float64(attacked.latencies.at(0.99)) / float64(calm.latencies.at(0.99))
	fmt.Printf("p99 is %.1f times that of the calm\n", slowdown)
	if slowdown > mostSlowdown {
		return fmt.Errorf("attack: the p99 is %.1f times that of the calm, at most %d is promised", slowdown, mostSlowdown)
	}
	return nil
}

// result is what one phase brought.
type result struct {
	latencies latencies
	attacks   []*attack
}

// phase lets readers read while attackers attack.
func phase(base, token string, readers, attackers int, during time.Duration) result {
	ctx, cancel := context.WithTimeout(context.Background(), during)
	defer cancel()
	r := result{attacks: newAttacks(base, token)}
	var group sync.WaitGroup
	for i := range attackers {
		group.Go(func() { r.attacks[i%len(r.attacks)].run(ctx) })
	}
	var mu sync.Mutex
	for range readers {
		group.Go(func() {
			own := read(ctx, base, token)
			mu.Lock()
			defer mu.Unlock()
			r.latencies.add(own)
		})
	}
	group.Wait()
	return r
}
