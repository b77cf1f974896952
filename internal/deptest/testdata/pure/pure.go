// Package pure breaks no rule, though it comes near to several.
package pure

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

type Core struct {
	rng     *rand.Rand
	members map[string]time.Duration
}

func New(seed uint64) *Core {
	return &Core{rng: rand.New(rand.NewPCG(seed, 1)), members: map[string]time.Duration{}}
}

func (c *Core) Step(now time.Duration, id string) []string {
	c.members[id] = now + time.Duration(c.rng.IntN(10))*time.Second
	for k := range c.members { // order does not matter: each is handled alone
		c.members[k]++
	}
	for i := range slices.Sorted(maps.Keys(c.members)) {
		_ = i
	}
	return slices.SortedFunc(maps.Keys(c.members), func(a, b string) int { return len(a) - len(b) })
}

// After is a method of our own, not the clock's.
func (c *Core) After(t time.Time) string { return fmt.Sprint(t.After(time.Time{}), t.Unix()) }
