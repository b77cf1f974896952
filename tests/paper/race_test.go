//go:build race

package paper

import "runtime"

// In a bubble of testing/synctest a timer that is due at once runs on the goroutine that sets
// it. Under the race detector all of one bubble share one context for that, without a lock: two
// at a time crash the Go runtime (1.26.8, time.go: unlockAndRun). With one processor there are
// never two. What the race detector finds does not depend on it.
func init() { runtime.GOMAXPROCS(1) }
