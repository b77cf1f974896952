package membership

import (
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// Config of a Core.
type Config struct {
	// Self is this node's record; the core sets State, Incarnation and Reason.
	Self swim.Member
	// Contacts are detector addresses to meet (MEMBERS). This node's own may be among them.
	Contacts []swim.Address
	// Bootstrap are disseminator addresses to join through (BOOTSTRAP_ADDRESS).
	Bootstrap []swim.Address
	// PauseTolerance is for how long a healthy process may stop without being failed
	// (SWIM_PAUSE_TOLERANCE).
	PauseTolerance time.Duration
	// SuspicionMax is how long a suspicion lasts that nobody confirms (SWIM_SUSPICION_MAX).
	SuspicionMax time.Duration
	// PairGrace is how long one half of a node may be without the other (SWIM_PAIR_GRACE).
	PairGrace time.Duration
	// CrashVerdict: a member whose own host refuses, at both its ports and to two observers, is
	// failed without a suspicion (SWIM_CRASH_VERDICT).
	CrashVerdict bool
	// HeadsFrom is how many other live members there are before news goes through heads
	// (heads.go); 0 means the default.
	HeadsFrom int
	// Share, if set, returns a record equal to its argument that is never changed, so that
	// the many cores of one process can have one copy of it between them.
	Share func(swim.Member) *swim.Member
}

// Limits that hold whatever peers send.
const (
	// maxMembers bounds the table. A record of an unknown member beyond it is refused.
	maxMembers = 10_000
	// maxIntroduced bounds the contacts that have named themselves and nobody has met;
	// maxIntroducedPerHost, those at one host, so that one cannot keep all others out.
	maxIntroduced        = 512
	maxIntroducedPerHost = 128
	// maxJoiners bounds the Joins that wait for one contact to be met.
	maxJoiners = 16
	// maxRows and maxBytes bound the records in one message; the rest follows in the next.
	maxRows  = 512
	maxBytes = 128 << 10
	// maxSummaries is how many rows one Sync compares; a larger table takes several.
	maxSummaries = 1024
)

// headsFrom other live members or more are told through heads. A direct broadcast needs nobody's
// help, but a node that seldom speaks has to dial nearly everybody: of 50 real pairs the last
// knew of a crash after 113 ms directly, and after 80 ms through heads (make bench).
const headsFrom = 20

// Times that do not depend on the protocol period.
const (
	// pushTimeout bounds one Disseminate: a peer that is short of CPU answers late. Whoever
	// waits for less is pushAt's affair. A failed one is repeated after pushBackoff, doubled
	// each time up to the maximum.
	pushTimeout    = 3 * time.Second
	pushBackoff    = 250 * time.Millisecond
	pushBackoffMax = 5 * time.Second
	// syncTimeout bounds one Sync.
	syncTimeout = 2 * time.Second
	// A contact is tried again after contactBackoff, doubled each time up to the maximum.
	contactBackoff    = 250 * time.Millisecond
	contactBackoffMax = 10 * time.Second
	// joinPatience is how long a bootstrap node tries to meet a joiner before it tells it
	// what could not be reached; joinTimeout is how long the joiner waits for that.
	joinPatience = 4 * time.Second
	joinTimeout  = 6 * time.Second
	// introducedLife is how long a contact that somebody else named is kept unmet.
	introducedLife = 10 * time.Second
	// A failed Join is repeated after joinBackoff, doubled each time up to the maximum.
	joinBackoff    = 500 * time.Millisecond
	joinBackoffMax = 10 * time.Second
	// movedSilence is how long the old address of a member must be silent before the
	// member is admitted at another one.
	movedSilence = time.Second
	// healInterval is the pace at which failed members are tried again, for ever.
	healInterval = 5 * time.Second
	// syncPeriods is how many protocol periods lie between two Syncs of the slow net.
	syncPeriods = 30
	// pairPatience is how long a stopping disseminator waits to hear whether its detector
	// stops as well: only then does the node leave. Long enough for a person who stops
	// the two in two terminals.
	pairPatience = 3 * time.Second
	// farewellTime bounds the telling of a goodbye.
	farewellTime = 2 * time.Second
)
