package swim

// HashRange is the half-open range [From, To) of positions (Position); a To of 0 means "to the
// end". Positions are even where ids are not, so ranges of one width hold about as many members
// each, and two nodes that know different members still mean the same range.
type HashRange struct{ From, To uint64 }

// Contains reports whether a position lies in the range.
func (r HashRange) Contains(position uint64) bool {
	return position >= r.From && (r.To == 0 || position < r.To)
}

// HashRanges cuts all hashes into 2^bits ranges of one width.
func HashRanges(bits int) []HashRange {
	ranges := make([]HashRange, 1<<bits)
	for i := range ranges {
		ranges[i] = HashRange{From: uint64(i) << (64 - bits), To: uint64(i+1) << (64 - bits)} // the last To is 0
	}
	return ranges
}
