package cache_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/maypok86/otter/v2"

	"wisphub-graphql/cache"
)

// BenchmarkGetHit compares a warm Get with what it is made of, plain otter and
// the clock, and with a sync.Map.
func BenchmarkGetHit(b *testing.B) {
	const keys = 1024
	ctx := b.Context()
	loading := cache.New(cache.Options{TTL: time.Hour, LoadTimeout: time.Second},
		func(context.Context, int) (*int, error) { return nil, fmt.Errorf("not warm") })
	defer loading.Close()
	plain := otter.Must(&otter.Options[int, *int]{MaximumSize: 10_000})
	var m sync.Map
	for i := range keys {
		loading.Set(i, &i)
		plain.Set(i, &i)
		m.Store(i, &i)
	}

	for name, get := range map[string]func(key int){
		"cache": func(key int) {
			if _, err := loading.Get(ctx, key); err != nil {
				b.Error(err)
			}
		},
		"otter":    func(key int) { plain.GetIfPresent(key) },
		"sync.Map": func(key int) { m.Load(key) },
		"time.Now": func(int) {
			if time.Now().IsZero() {
				b.Error("no time")
			}
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				get(i % keys)
			}
		})
		b.Run(name+"/parallel", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					get(i % keys)
				}
			})
		})
	}
}
