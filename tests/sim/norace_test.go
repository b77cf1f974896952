//go:build !race

package sim_test

// slowdown divides the numbers of seeds under the race detector.
const slowdown = 1
