package swim

import "hash/fnv"

// The ring of an epoch has every member at a place of its own, and in the next epoch at
// another one. Every node computes the same ring without asking anybody, so if each pings its
// successor, each member is pinged once.

// RingHash is what RingPlace wants to know of a member. It never changes.
func RingHash(id NodeID) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	return mix(h.Sum64())
}

// RingPlace is where the member with that hash stands in the ring of an epoch. The ring is
// closed: the highest place is next to the lowest.
func RingPlace(hash, epoch uint64) uint64 { return mix(hash ^ mix(epoch)) }
