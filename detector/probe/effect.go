package probe

import (
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// Effect is one thing to do. The set is closed.
type Effect interface{ effect() }

// PingNumber tells the pings and knocks of one core apart. It is also the nonce on the wire.
type PingNumber uint64

// ConnectionNumber tells the connections apart that the edge has dialled; never 0.
type ConnectionNumber uint64

type (
	// Ping asks Address "are you Target?". Target is empty for a contact. PingEnded must
	// follow within Timeout; and once more, if it was silent until then and an ack comes
	// within LateFor after that. Keep: the connection stays open until LetGo. SenderInstance, DisseminatorDown and Digest say how this node
	// is.
	Ping struct {
		Number           PingNumber
		Address          swim.Address
		Target           swim.NodeID
		Instance         swim.Instance
		SenderInstance   swim.Instance
		DisseminatorDown bool
		Digest           swim.Digest
		Timeout, LateFor time.Duration
		Keep             bool
		Trace            swim.TraceID
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
	// Knock dials Address afresh and closes that connection at once. KnockEnded must follow
	// within Timeout.
	Knock struct {
		Number  PingNumber
		Address swim.Address
		Timeout time.Duration
	}
	// LetGo ends the keeping of the connection to Address, if it was kept.
	LetGo struct{ Address swim.Address }
	// AnswerPing answers the PingReceived of that Call.
	AnswerPing struct {
		Call             Call
		IsAlive          bool
		Responder        swim.Member // empty before this detector has met its disseminator
		DisseminatorDown bool
		Digest           swim.Digest
	}
	// AnswerIndirectPing answers the IndirectPingReceived of that Call.
	AnswerIndirectPing struct {
		Call     Call
		Evidence swim.Evidence
		Instance swim.Instance
	}

	// ReportPingMissed tells the own disseminator that a member did not answer the direct
	// ping in time, so that it asks the member's disseminator while the proxies ping.
	ReportPingMissed struct {
		Target swim.Member
		Trace  swim.TraceID
	}
	// ReportUnreachable tells the own disseminator that a member answered on no path, or
	// (a path that ended HalfDown) that its detector says its disseminator is down. CrashSeen:
	// its connection was closed, and two fresh ones were refused.
	ReportUnreachable struct {
		Target    swim.Member
		Paths     []swim.Path
		CrashSeen bool
		Trace     swim.TraceID
	}
	// ReportHeard tells the own disseminator that a suspect has called, or that a proxy has
	// reached it: once per suspicion.
	ReportHeard struct {
		Suspect swim.Member
		Trace   swim.TraceID
	}
	// ReportViewsDiffer tells the own disseminator that a peer's table and its own have
	// settled on different live members.
	ReportViewsDiffer struct {
		Peer  swim.NodeID
		Trace swim.TraceID
	}
	// ReportReached tells the own disseminator who answers at Address: a contact, a member
	// under a new instance, or a suspect. Responder is empty if it did not say.
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
	// SendLease shows the own disseminator that this loop turns. Unwell: most of its latest
	// pings were never answered.
	SendLease struct{ Stopping, Unwell bool }
)

func (Ping) effect()               {}
func (IndirectPing) effect()       {}
func (Knock) effect()              {}
func (LetGo) effect()              {}
func (AnswerPing) effect()         {}
func (AnswerIndirectPing) effect() {}
func (ReportPingMissed) effect()   {}
func (ReportUnreachable) effect()  {}
func (ReportHeard) effect()        {}
func (ReportViewsDiffer) effect()  {}
func (ReportReached) effect()      {}
func (ReportMissed) effect()       {}
func (SendLease) effect()          {}
func (Event) effect()              {}
