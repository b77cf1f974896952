package swim

import "hash/fnv"

// Rank orders the observers of a target: whoever has the lowest acts first. Every node
// computes the same order without asking anybody, and each target has its own, so the work
// that failures make is spread evenly (rendezvous hashing, Thaler and Ravishankar 1998).
func Rank(observer, target NodeID) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(observer))
	_, _ = h.Write([]byte{0})
	_, _ = h.Write([]byte(target))
	return mix(h.Sum64())
}

// mix spreads every input bit over all output bits: FNV alone leaves ids that differ in
// their last character close together. (The finaliser of splitmix64, Steele et al. 2014.)
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// RankAmong is the place of observer in the order of the target's observers, from 0. The
// observer itself need not be among them; the target never counts.
func RankAmong(observers []NodeID, observer, target NodeID) int {
	own, place := Rank(observer, target), 0
	for _, other := range observers {
		if other == observer || other == target {
			continue
		}
		if r := Rank(other, target); r < own || (r == own && other < observer) {
			place++
		}
	}
	return place
}
