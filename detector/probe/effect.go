package probe

import (
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// Effect is one thing to do. The set is closed.
type Effect interface{ effect() }

// PingNumber tells the pings of one core apart. It is also the nonce on the wire.
type PingNumber uint64

type (
	// Ping asks Address "are you Target?". Target is empty for a contact. PingEnded must
	// follow within Timeout.
	Ping struct {
		Number   PingNumber
		Address  swim.Address
		Target   swim.NodeID
		Instance swim.Instance
		Timeout  time.Duration
		Trace    swim.TraceID
	}
	// IndirectPing asks Proxy to ping Target. IndirectPingEnded must follow within Timeout.
	IndirectPing struct {
		Number   PingNumber
		Proxy    swim.Member
		Target   swim.NodeID
		Instance swim.Instance
		Timeout  time.Duration
		Trace    swim.TraceID
	}
	// AnswerPing answers the PingReceived of that Call.
	AnswerPing struct {
		Call             Call
		IsAlive          bool
		Responder        swim.Member // empty before this detector has met its disseminator
		DisseminatorDown bool
	}
	// AnswerIndirectPing answers the IndirectPingReceived of that Call.
	AnswerIndirectPing struct {
		Call     Call
		Evidence swim.Evidence
		Instance swim.Instance
	}

	// ReportUnreachable tells the own disseminator that a member answered on no path.
	ReportUnreachable struct {
		Target swim.Member
		Paths  []swim.Path
		Trace  swim.TraceID
	}
	// ReportReached tells the own disseminator who answers at Address: a contact, or a
	// member under a new instance. Responder is empty if it did not say.
	ReportReached struct {
		Address   swim.Address
		Responder swim.Member
		Trace     swim.TraceID
	}
	// ReportMissed tells the own disseminator that a contact did not answer.
	ReportMissed struct {
		Address  swim.Address
		Evidence swim.Evidence
		Trace    swim.TraceID
	}
	// SendLease shows the own disseminator that this loop turns.
	SendLease struct{ Stopping bool }
)

func (Ping) effect()               {}
func (IndirectPing) effect()       {}
func (AnswerPing) effect()         {}
func (AnswerIndirectPing) effect() {}
func (ReportUnreachable) effect()  {}
func (ReportReached) effect()      {}
func (ReportMissed) effect()       {}
func (SendLease) effect()          {}
func (Event) effect()              {}
