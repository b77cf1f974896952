//go:build race

package sim_test

// slowdown divides the numbers of seeds: the race detector makes each run ten times slower,
// and a simulator without goroutines has no races to find. `make sim-check` runs them all.
const slowdown = 5
