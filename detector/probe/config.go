package probe

import (
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// Order in which members become targets.
type Order uint8

const (
	// Ring picks the node's successor in a ring that all nodes compute for themselves, a new
	// one in each period: every member is pinged once per period, by somebody (ringorder.go).
	Ring Order = iota + 1
	// Shuffle walks through a shuffled list and reshuffles at its end: every member is
	// pinged once per round of n - 1 periods by each other one (SWIM 4.3).
	Shuffle
	// Random picks uniformly with replacement (SWIM 3.1, and the seed): the mean is the
	// same, but the wait for one member has no bound.
	Random
)

// Config of a Core. All fields are required.
type Config struct {
	Self swim.NodeID
	// ProbeInterval is the protocol period T': one target per period. Shorter finds a
	// silent member sooner and costs every node more pings.
	ProbeInterval time.Duration
	// ProbeTimeout is how long the direct ping goes unanswered, at most, before proxies are
	// asked; less than ProbeInterval. On a fast network it is much shorter (rtt.go).
	ProbeTimeout time.Duration
	// IndirectProbes is k, the number of proxies. More survive worse paths and cost more
	// messages when a member is silent. 0 asks none.
	IndirectProbes int
	Order          Order
	// Share, if set, returns a record equal to its argument that is never changed, so that
	// the many cores of one process can have one copy of it between them.
	Share func(swim.Member) *swim.Member
}

const (
	// nackShare of its budget is what a proxy waits before it answers that it has heard
	// nothing, so that its nack still arrives in time (Lifeguard 3.1: 80 %).
	nackShare = 0.8
	// pingShare of the time until its outcome is needed is what a ping may take, so that
	// how it ended (refused, or silent) is known by then.
	pingShare = 0.95
	// lateFor is how long after its time an ack is still worth something: about as long as a
	// confirmed suspicion lasts.
	lateFor = 2 * time.Second
	// Contacts are retried after contactBackoff, doubled each time up to contactBackoffMax.
	contactBackoff    = 250 * time.Millisecond
	contactBackoffMax = 5 * time.Second
	// maxContactPings and maxProxiedPings bound what others can make this node send at once.
	maxContactPings = 64
	maxProxiedPings = 128
)
