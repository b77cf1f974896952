package swim

import "hash/fnv"

// HashRange is the half-open range [From, To) of the hashes of ids; a To of 0 means "to the
// end". Hashes are even where ids are not, so ranges of one width hold about as many members
// each, and two nodes that know different members still mean the same range.
type HashRange struct{ From, To uint64 }

// Contains reports whether an id with that hash lies in the range.
func (r HashRange) Contains(hash uint64) bool {
	return hash >= r.From && (r.To == 0 || hash < r.To)
}

// HashOf is where an id stands among the hashes.
func HashOf(id NodeID) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	return mix(h.Sum64())
}

// HashRanges cuts all hashes into 2^bits ranges of one width.
func HashRanges(bits int) []HashRange {
	ranges := make([]HashRange, 1<<bits)
	for i := range ranges {
		ranges[i] = HashRange{From: uint64(i) << (64 - bits), To: uint64(i+1) << (64 - bits)} // the last To is 0
	}
	return ranges
}
