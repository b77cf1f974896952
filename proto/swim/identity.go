package swim

import "strconv"

// NodeID names a node (the pair). Unique in its cluster, 1 to 64 characters.
type NodeID string

// Address is a host:port that can be dialled. Never a NodeID: a node may move.
type Address string

// Instance tells two processes with one NodeID apart: random per start of the
// disseminator, never zero. Zero in a question means "any instance".
type Instance uint64

func (i Instance) String() string { return strconv.FormatUint(uint64(i), 16) }

// Incarnation is the version of a record. Only the record's subject raises it (SWIM 4.2).
type Incarnation uint64

const (
	// MaxIncarnation is the highest incarnation that a record may carry; above it the
	// number could wrap, and one forged message would evict a node for good.
	MaxIncarnation Incarnation = 1<<63 - 1
	// MaxIncarnationJump is how far one message may raise what is known of a member, or
	// FirstIncarnationMin if nothing is.
	MaxIncarnationJump Incarnation = 1 << 40
	// FirstIncarnationMin and -Max bound the incarnation that a node starts with: its wall
	// clock in milliseconds, kept to the years 2026 to 2043. So no clock, however wrong,
	// makes a node start where the jump from its former life would be refused; what it
	// starts too low it outbids when it hears of it.
	FirstIncarnationMin Incarnation = 1_767_225_600_000
	FirstIncarnationMax             = FirstIncarnationMin + 1<<39
)

// FirstIncarnation is what a node starts with when its clock says so many milliseconds.
func FirstIncarnation(unixMilli int64) Incarnation {
	return min(max(Incarnation(max(unixMilli, 0)), FirstIncarnationMin), FirstIncarnationMax)
}

// TraceID follows one story (a failure, a join) across all nodes that take part in it.
// Zero means none.
type TraceID [16]byte
