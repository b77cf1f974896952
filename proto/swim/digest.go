package swim

import (
	"encoding/binary"
	"hash/fnv"
	"time"
)

// Digest sums up who is live, and in which incarnation: two tables with the same live
// members have the same one, whatever the order in which they learned of them. A suspect
// counts as live, since an accusation that is being fought about is no difference to mend.
type Digest struct {
	Hash uint64
	// Age is for how long the hash has been the same. A young one is still on its way
	// through the cluster; only two settled ones that differ mean that news was lost.
	Age time.Duration
}

// DigestOf is what one row adds to the hash of a table: nothing, unless it is live. The
// hash of a table is the sum of those of its rows, so a change costs one subtraction and
// one addition.
func DigestOf(m Member) uint64 {
	if !m.State.Live() {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(m.ID))
	var number [9]byte // its first byte ends the id
	binary.BigEndian.PutUint64(number[1:], uint64(m.Incarnation))
	_, _ = h.Write(number[:])
	return mix(h.Sum64())
}

// Differs reports whether two digests show that two tables differ, and not merely that
// news is under way: both have been settled for that long.
func (d Digest) Differs(other Digest, settled time.Duration) bool {
	return d.Hash != other.Hash && d.Age >= settled && other.Age >= settled
}
