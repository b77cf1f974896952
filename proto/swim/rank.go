package swim

import (
	"cmp"
	"hash/fnv"
	"slices"
)

// Position of a node on the ring of all ids. Every node computes the same ring without asking
// anybody (consistent hashing, Karger et al. 1997).
func Position(id NodeID) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	return mix(h.Sum64())
}

// Rank orders the observers of a target by how far behind it they stand on the ring: whoever
// has the lowest acts first. So each member has the next ones as its first observers, and is
// the first observer of as many; the work that failures make is spread evenly, and one
// newcomer changes the tasks of a few only.
func Rank(observer, target NodeID) uint64 { return Position(observer) - Position(target) }

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

// SortByRank puts the observers of a target in their order.
func SortByRank(observers []NodeID, target NodeID) {
	slices.SortFunc(observers, func(a, b NodeID) int {
		return cmp.Or(cmp.Compare(Rank(a, target), Rank(b, target)), cmp.Compare(a, b))
	})
}
