package bcast

import (
	"math"
	"time"
)

// The postal model (Bar-Noy, Kipnis 1992): to send one message costs the sender s, and the
// message arrives when another L has passed. A member sends one after another.

// floor is the least time in which n members, of which one knows, can all know, if everybody
// who knows goes on telling, and nobody is told twice. With L as lambda times s, the largest
// group that can know after t sends is N(t) = N(t-1) + N(t-lambda).
func floor(s, l time.Duration, n int) time.Duration {
	lambda := max(1, int(math.Round(float64(l)/float64(s))))
	known := []int{}
	for t := 0; ; t++ {
		group := 1
		if t >= lambda {
			group = known[t-1] + known[t-lambda]
		}
		if known = append(known, group); group >= n {
			return time.Duration(t) * s
		}
	}
}

// direct is the time in which one member tells all others: a delivery for each.
func direct(s, l time.Duration, n int) time.Duration {
	return time.Duration(n-2)*s + max(s, l)
}

// twoLevels is the time in which the heads of about sqrt(n) ranges are told, and tell theirs.
func twoLevels(s, l time.Duration, n int) time.Duration {
	rest := (n - 1 + heads(n) - 1) / heads(n)
	return direct(s, l, heads(n)+1) + direct(s, l, rest)
}

// heads is how many there are among n members: the power of two next to sqrt(n).
func heads(n int) int { return 1 << int(math.Round(math.Log2(float64(n-1))/2)) }
