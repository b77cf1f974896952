package swim

// Two rings: of positions (rank.go), which say for good who observes whom, and of an epoch, which
// says who pings whom.
//
// The ring of an epoch has every member at a place of its own, and in the next epoch at
// another one. Every node computes the same ring without asking anybody, so if each pings its
// successor, each member is pinged once.

// RingPlace is where a member stands in the ring of an epoch; position is its Position. The
// ring is closed: the highest place is next to the lowest.
func RingPlace(position, epoch uint64) uint64 { return mix(position ^ mix(epoch)) }
