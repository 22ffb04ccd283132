package cache_test

import (
	"context"
	"fmt"
	"time"

	"wisphub-graphql/cache"
)

func Example() {
	readPlan := func(_ context.Context, id int) (string, error) {
		fmt.Println("reading plan", id)
		return "Fibra 100", nil
	}
	plans := cache.New(cache.Options{
		Name:        "plans",
		TTL:         time.Hour,
		StaleLimit:  24 * time.Hour,
		LoadTimeout: 10 * time.Second,
	}, readPlan)
	defer plans.Close()

	for range 2 {
		plan, err := plans.Get(context.Background(), 3)
		fmt.Println(plan.Value, plan.Stale, err)
	}
	// Output:
	// reading plan 3
	// Fibra 100 false <nil>
	// Fibra 100 false <nil>
}
