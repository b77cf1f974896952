package probe

import (
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// Input is one thing that happened. The set is closed.
type Input interface{ input() }

// Call names a request that waits for its answer; the edge chooses it.
type Call uint64

type (
	// Tick says that the Deadline has come.
	Tick struct{}

	// ViewReplaced is the snapshot that a stream from the disseminator starts with. Members
	// has this node's own row too, and contacts.
	ViewReplaced struct{ Members []swim.Member }
	// ViewChanged is one later change of that view.
	ViewChanged struct {
		Member  swim.Member
		Removed bool
	}
	// HeartbeatReceived shows that the disseminator's loop turns. It may ask for a lease, or
	// (ProbeRequested, if not empty) for a ping of one member, at once.
	HeartbeatReceived struct {
		LeaseRequested bool
		ProbeRequested swim.NodeID
	}
	// DisseminatorLost says that the stream from the disseminator broke, and why.
	DisseminatorLost struct{ Why string }

	// PingEnded is the outcome of one Ping effect. Responder is who answered (with
	// evidence Acked or WrongTarget), empty if it did not say. Why tells people what went
	// wrong. DisseminatorDown and Digest are what the answer says of the responder's other
	// half and of its table.
	PingEnded struct {
		Number           PingNumber
		Evidence         swim.Evidence
		Connection       ConnectionNumber // that brought the answer; 0: none did
		Responder        swim.Member
		DisseminatorDown bool
		Digest           swim.Digest
		Why              string
	}
	// IndirectPingEnded is the outcome of one IndirectPing effect: what the proxy said,
	// or None if the proxy could not be reached.
	IndirectPingEnded struct {
		Number   PingNumber
		Proxy    swim.NodeID
		Evidence swim.Evidence
	}

	// KnockEnded is the outcome of one Knock effect: Refused by the host of the address, Silent,
	// or None if the connection was taken, which the kernel does even for a process that is
	// frozen or ending.
	KnockEnded struct {
		Number   PingNumber
		Evidence swim.Evidence
	}
	// ConnectionClosed says that a connection to another detector has ended, and not by this
	// one's choice. ByPeer: the other side has closed or reset it; otherwise it said that it
	// will close it, or the network took too long.
	ConnectionClosed struct {
		Connection ConnectionNumber
		ByPeer     bool
	}

	// PingReceived wants an AnswerPing. Sender is empty if it did not say; DisseminatorDown
	// and Digest are what it says of its other half and of its table (a zero hash: nothing).
	PingReceived struct {
		Call             Call
		Sender           swim.NodeID
		SenderInstance   swim.Instance // 0: it did not say
		DisseminatorDown bool
		Digest           swim.Digest

		TargetID       swim.NodeID  // whom the caller means, or empty
		TargetAddress  swim.Address // where the caller dialled, or empty
		TargetInstance swim.Instance
	}
	// IndirectPingReceived wants an AnswerIndirectPing within Budget from now.
	IndirectPingReceived struct {
		Call           Call
		TargetID       swim.NodeID
		TargetAddress  swim.Address
		TargetInstance swim.Instance
		Budget         time.Duration
		Trace          swim.TraceID
	}

	// Stopping says that this process was asked to stop: it accuses nobody any more.
	Stopping struct{}
)

func (Tick) input()                 {}
func (ViewReplaced) input()         {}
func (ViewChanged) input()          {}
func (HeartbeatReceived) input()    {}
func (DisseminatorLost) input()     {}
func (PingEnded) input()            {}
func (IndirectPingEnded) input()    {}
func (KnockEnded) input()           {}
func (ConnectionClosed) input()     {}
func (PingReceived) input()         {}
func (IndirectPingReceived) input() {}
func (Stopping) input()             {}
