package cache_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"wisphub-graphql/cache"
)

// BenchmarkGetHit compares a warm Get with its parts, plain golang-lru and
// the clock, and with a sync.Map.
func BenchmarkGetHit(b *testing.B) {
	const keys = 1024
	ctx := b.Context()
	loading := cache.New(cache.Options{TTL: time.Hour, LoadTimeout: time.Second},
		func(context.Context, int) (*int, error) { return nil, fmt.Errorf("not warm") })
	defer loading.Close()
	plain, err := lru.New[int, *int](10_000)
	if err != nil {
		b.Fatal(err)
	}
	var m sync.Map
	for i := range keys {
		loading.Set(i, &i)
		plain.Add(i, &i)
		m.Store(i, &i)
	}

	for name, get := range map[string]func(key int){
		"cache": func(key int) {
			if _, err := loading.Get(ctx, key); err != nil {
				b.Error(err)
			}
		},
		"lru":      func(key int) { plain.Get(key) },
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

// BenchmarkFolder_Write shows what the keyed check costs: one more small write.
func BenchmarkFolder_Write(b *testing.B) {
	for name, options := range map[string]cache.SealOptions{"plain": {}, "sealed": {Keys: [][]byte{make([]byte, 32)}}} {
		b.Run(name, func(b *testing.B) {
			folder, err := cache.OpenFolder(b.TempDir(), "demo")
			if name == "sealed" {
				folder, err = cache.OpenSealedFolder(b.TempDir(), "demo", options)
			}
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := folder.Write("sessions", make([]byte, 2000)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
