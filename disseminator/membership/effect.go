package membership

import (
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// Effect is one thing to do. The set is closed.
type Effect interface{ effect() }

// CallNumber tells the calls that one core makes apart.
type CallNumber uint64

type (
	// Disseminate pushes Members to a peer, and what this node's own detector has found
	// about suspects. A head is asked to tell Members to all that it knows in the range
	// Serve, too. NewsEnded must follow within Timeout.
	Disseminate struct {
		Number        CallNumber
		To            swim.Member
		Members       []swim.Member
		Confirmations []swim.Confirmation
		Accusation    bool
		Serve         *swim.HashRange
		Timeout       time.Duration
		Trace         swim.TraceID
	}
	// Knock dials Address afresh and closes that connection at once. KnockEnded must follow
	// within Timeout.
	Knock struct {
		Number  CallNumber
		Address swim.Address
		Timeout time.Duration
	}
	// Sync compares tables with whoever answers at Address; ID is empty if unknown.
	// SyncEnded must follow within Timeout.
	Sync struct {
		Number    CallNumber
		Address   swim.Address
		ID        swim.NodeID
		Sender    swim.Member
		Summaries []swim.Summary
		Range     *IDRange // nil: nothing is compared, Members are handed over
		Members   []swim.Member
		Timeout   time.Duration
		Trace     swim.TraceID
	}
	// Join asks the bootstrap node at Address for admission. JoinEnded must follow within
	// Timeout.
	Join struct {
		Number  CallNumber
		Address swim.Address
		Member  swim.Member
		Timeout time.Duration
		Trace   swim.TraceID
	}

	// AnswerNews answers a NewsReceived: the rows that beat stale ones.
	AnswerNews struct {
		Call         Call
		Newer        []swim.Member
		DetectorDown bool
		Unwell       bool // this node is here, and does not vouch for itself
		Served       bool // the range that was asked for has been told
		// Who answers.
		ResponderID       swim.NodeID
		ResponderInstance swim.Instance
	}
	// AnswerBareAccusation answers a BareAccusationReceived.
	AnswerBareAccusation struct {
		Call  Call
		Known bool
	}
	// AnswerJoin answers a JoinReceived: the table, this node's row first; or a refusal.
	AnswerJoin struct {
		Call    Call
		Members []swim.Member
		Refusal Refusal
	}
	// AnswerSync answers a SyncReceived.
	AnswerSync struct {
		Call      Call
		Responder swim.Member
		Newer     []swim.Member
		Wanted    []swim.NodeID
	}
	// AnswerOperator answers a LeaveRequested, ForgetRequested or TagsRequested. Member is
	// this node's row after it.
	AnswerOperator struct {
		Call    Call
		Member  swim.Member
		Refusal Refusal
	}

	// Publish tells every watcher of one change.
	Publish struct{ Change Change }
	// Heartbeat shows every watcher that this loop turns, and what its copy of the table
	// should sum up to. LeaseRequested asks the own detector for a lease at once,
	// ProbeRequested (if not empty) to ping that member at once. PartitionSuspected: most
	// members went silent together.
	Heartbeat struct {
		Revision           uint64
		Digest             swim.Digest
		LeaseRequested     bool
		ProbeRequested     swim.NodeID
		PartitionSuspected bool
	}
	// Halt ends the process. Why is empty if it was asked to stop; otherwise a live node
	// holds this node's id, and Why names it.
	Halt struct{ Why string }
)

// Change is one change of the table, numbered.
type Change struct {
	Revision uint64 // counts up by one, from 1
	Member   swim.Member
	Previous swim.State // zero: the row is new
	Removed  bool
	Time     time.Time
}

// RefusalKind says why a request was refused; zero means that it was not.
type RefusalKind uint8

const (
	RefusedConflict     RefusalKind = iota + 1 // a live node holds the id
	RefusedUnreachable                         // a port of the joiner cannot be reached
	RefusedLeaving                             // this node is leaving
	RefusedFull                                // too many unmet contacts, or the table is full
	RefusedUnknown                             // no such member
	RefusedLive                                // the member is live
	RefusedDetectorDown                        // this node's own detector is not heard
)

// Refusal of a request, with a text that says how to mend it.
type Refusal struct {
	Kind RefusalKind
	Text string
}

func (Disseminate) effect()          {}
func (Knock) effect()                {}
func (Sync) effect()                 {}
func (Join) effect()                 {}
func (AnswerNews) effect()           {}
func (AnswerBareAccusation) effect() {}
func (AnswerJoin) effect()           {}
func (AnswerSync) effect()           {}
func (AnswerOperator) effect()       {}
func (Publish) effect()              {}
func (Heartbeat) effect()            {}
func (Halt) effect()                 {}
func (Event) effect()                {}
