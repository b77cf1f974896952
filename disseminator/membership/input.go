package membership

import (
	"github.com/swimpair/swim/proto/swim"
)

// Input is one thing that happened. The set is closed.
type Input interface{ input() }

// Call names a request that waits for its answer; the edge chooses it.
type Call uint64

// IDRange is a half-open range of ids in byte order; an empty To means "to the end".
type IDRange struct{ From, To swim.NodeID }

// Contains reports whether id lies in the range.
func (r IDRange) Contains(id swim.NodeID) bool {
	return id >= r.From && (r.To == "" || id < r.To)
}

type (
	// Tick says that the Deadline has come.
	Tick struct{}

	// NewsReceived is a Disseminate of another disseminator. It wants an AnswerNews.
	NewsReceived struct {
		Call          Call
		Sender        swim.NodeID
		Members       []swim.Member
		Confirmations []swim.Confirmation // the Sender's own findings about suspects, either way
		Accusation    bool
		Serve         *swim.HashRange // the range to tell Members to, as its head; nil: none
		Trace         swim.TraceID
	}
	// BareAccusationReceived is a Disseminate of a peer of the seed's family: an id or an
	// address, no evidence. It wants an AnswerBareAccusation.
	BareAccusationReceived struct {
		Call          Call
		TargetID      swim.NodeID
		TargetAddress swim.Address
		Trace         swim.TraceID
	}
	// JoinReceived wants an AnswerJoin. Member is the joiner's record; a peer of the seed's
	// family sends none, only its Address.
	JoinReceived struct {
		Call    Call
		Address swim.Address
		Member  swim.Member
		Trace   swim.TraceID
	}
	// SyncReceived wants an AnswerSync.
	SyncReceived struct {
		Call      Call
		Sender    swim.Member
		Summaries []swim.Summary
		Range     *IDRange // nil: nothing is compared, Members are handed over
		Members   []swim.Member
		Trace     swim.TraceID
	}

	// PingMissed says that a member did not answer the own detector's direct ping in time.
	// Its proxies are being asked.
	PingMissed struct {
		Target      swim.NodeID
		Incarnation swim.Incarnation
		Instance    swim.Instance
		Trace       swim.TraceID
	}
	// TargetUnreachable is the own detector's finding: no path led to an ack, or the member's
	// own detector says that its disseminator is down (a path that ended HalfDown). CrashSeen:
	// its connection was closed, and two fresh ones were refused.
	TargetUnreachable struct {
		Target      swim.NodeID
		Incarnation swim.Incarnation
		Instance    swim.Instance
		Paths       []swim.Path
		CrashSeen   bool
		Trace       swim.TraceID
	}
	// SuspectHeard says that a suspect has called the own detector, or that a proxy of it has
	// reached the suspect.
	SuspectHeard struct {
		Suspect     swim.NodeID
		Incarnation swim.Incarnation
		Instance    swim.Instance
		Trace       swim.TraceID
	}
	// ViewsDiffer says that a peer's live members are not those of this node's table, and
	// that neither has changed for a while.
	ViewsDiffer struct {
		Peer  swim.NodeID
		Trace swim.TraceID
	}
	// ContactReached says who answered the own detector at a detector address: a contact, a
	// member under a new instance, or a member that it was asked to probe. Responder is
	// empty if it did not say.
	ContactReached struct {
		Address   swim.Address
		Responder swim.Member
		Trace     swim.TraceID
	}
	// ContactMissed says that nobody answered the own detector at that address.
	ContactMissed struct {
		Address  swim.Address
		Evidence swim.Evidence
	}
	// LeaseReceived shows that the own detector's loop turns. Stopping: it was asked to stop.
	// Unwell: most of its latest pings were never answered.
	LeaseReceived struct{ Stopping, Unwell bool }
	// DetectorDetached says that the own detector's stream broke, and why.
	DetectorDetached struct{ Why string }

	// NewsEnded is the outcome of one Disseminate effect. Evidence Acked: it was answered.
	NewsEnded struct {
		Number       CallNumber
		Evidence     swim.Evidence
		Newer        []swim.Member
		DetectorDown bool
		Unwell       bool // the accused is there, and does not vouch for itself
		Served       bool // the head has told its range
		// Who answered; empty if it did not say.
		ResponderID       swim.NodeID
		ResponderInstance swim.Instance
	}
	// KnockEnded is the outcome of one Knock effect: Refused by the host of the address, Silent,
	// or None if the connection was taken.
	KnockEnded struct {
		Number   CallNumber
		Evidence swim.Evidence
	}
	// SyncEnded is the outcome of one Sync effect.
	SyncEnded struct {
		Number    CallNumber
		Evidence  swim.Evidence
		Responder swim.Member
		Newer     []swim.Member
		Wanted    []swim.NodeID
	}
	// JoinEnded is the outcome of one Join effect. Why is empty if the node was admitted.
	JoinEnded struct {
		Number  CallNumber
		Members []swim.Member
		Why     string
		// Conflict: refused because a live node holds the id.
		Conflict bool
	}

	// LeaveRequested takes the node out of the cluster. It wants an AnswerOperator.
	LeaveRequested struct{ Call Call }
	// ForgetRequested removes a failed or left member. It wants an AnswerOperator.
	ForgetRequested struct {
		Call Call
		ID   swim.NodeID
	}
	// TagsRequested replaces this node's tags. It wants an AnswerOperator.
	TagsRequested struct {
		Call Call
		Tags map[string]string
	}
	// StopRequested says that this process was asked to stop. A Halt follows.
	StopRequested struct{}
)

func (Tick) input()                   {}
func (NewsReceived) input()           {}
func (BareAccusationReceived) input() {}
func (JoinReceived) input()           {}
func (SyncReceived) input()           {}
func (KnockEnded) input()             {}
func (PingMissed) input()             {}
func (TargetUnreachable) input()      {}
func (SuspectHeard) input()           {}
func (ViewsDiffer) input()            {}
func (ContactReached) input()         {}
func (ContactMissed) input()          {}
func (LeaseReceived) input()          {}
func (DetectorDetached) input()       {}
func (NewsEnded) input()              {}
func (SyncEnded) input()              {}
func (JoinEnded) input()              {}
func (LeaveRequested) input()         {}
func (ForgetRequested) input()        {}
func (TagsRequested) input()          {}
func (StopRequested) input()          {}
