package wire

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
)

// Watch is one message of WatchMembers.
type Watch struct {
	// Revision is the number of the latest change that the watcher has seen with it.
	Revision uint64
	Event    Event
}

// Event is what a Watch tells: Snapshot, Change or Heartbeat.
type Event interface {
	putInto(*swimpb.WatchMembersResponse)
}

type (
	// Snapshot replaces whatever the watcher held.
	Snapshot struct {
		Node    NodeStatus
		Members []swim.Member // contacts included
		More    bool          // the next message continues this snapshot
	}
	// Change is one row that changed.
	Change struct {
		Member   swim.Member
		Previous swim.State // 0: the row is new
		Removed  bool       // the row is gone
		Time     time.Time  // when the answering node learned of it, by its clock, UTC
	}
	// Heartbeat shows that the disseminator's loop turns.
	Heartbeat struct {
		Digest swim.Digest // a zero hash: not sent
		// LeaseRequested: the attached detector shall send a lease at once.
		LeaseRequested bool
		// ProbeRequested: it shall ping that member at once; empty: none.
		ProbeRequested swim.NodeID
		// PartitionSuspected: most members are suspect together.
		PartitionSuspected bool
	}
)

func (e Snapshot) putInto(m *swimpb.WatchMembersResponse) {
	m.Event = &swimpb.WatchMembersResponse_Snapshot{Snapshot: &swimpb.Snapshot{
		Node:    e.Node.Proto(),
		Members: FromMembers(e.Members),
		More:    e.More,
	}}
}

func (e Change) putInto(m *swimpb.WatchMembersResponse) {
	m.Event = &swimpb.WatchMembersResponse_Change{Change: &swimpb.MemberChange{
		Member:   FromMember(e.Member),
		Previous: FromState(e.Previous),
		Removed:  e.Removed,
		Time:     timestamppb.New(e.Time),
	}}
}

func (e Heartbeat) putInto(m *swimpb.WatchMembersResponse) {
	m.Event = &swimpb.WatchMembersResponse_Heartbeat{Heartbeat: &swimpb.Heartbeat{
		Digest:             fromDigest(e.Digest),
		LeaseRequested:     e.LeaseRequested,
		ProbeRequested:     string(e.ProbeRequested),
		PartitionSuspected: e.PartitionSuspected,
	}}
}

// Proto returns the message.
func (w Watch) Proto() *swimpb.WatchMembersResponse {
	m := &swimpb.WatchMembersResponse{Revision: w.Revision}
	w.Event.putInto(m)
	return m
}

// ParseWatch checks a message of WatchMembers.
func ParseWatch(sent *swimpb.WatchMembersResponse) (Watch, error) {
	var c check
	w := Watch{Revision: sent.GetRevision()}
	switch e := sent.GetEvent().(type) {
	case *swimpb.WatchMembersResponse_Snapshot:
		w.Event = c.snapshot(e.Snapshot)
	case *swimpb.WatchMembersResponse_Change:
		w.Event = c.change(e.Change)
		if w.Revision == 0 {
			c.fail("revision", "changes are numbered from 1")
		}
	case *swimpb.WatchMembersResponse_Heartbeat:
		w.Event = Heartbeat{
			Digest:             c.digest("heartbeat.digest", e.Heartbeat.GetDigest()),
			LeaseRequested:     e.Heartbeat.GetLeaseRequested(),
			ProbeRequested:     c.optionalID("heartbeat.probe_requested", e.Heartbeat.GetProbeRequested()),
			PartitionSuspected: e.Heartbeat.GetPartitionSuspected(),
		}
	default:
		c.fail("event", "none that this version knows is set")
	}
	return checked(&c, w)
}

func (c *check) snapshot(sent *swimpb.Snapshot) Snapshot {
	node, err := parseNodeStatus(sent.GetNode())
	c.within("snapshot.node", err)
	return Snapshot{Node: node, Members: c.tableRows("snapshot.members", sent.GetMembers()), More: sent.GetMore()}
}

func (c *check) change(sent *swimpb.MemberChange) Change {
	member, err := ToRow(sent.GetMember())
	c.within("change.member", err)
	if sent.GetTime().CheckValid() != nil {
		c.fail("change.time", "a time in the years 1 to 9999 is needed")
	}
	change := Change{Member: member, Removed: sent.GetRemoved(), Time: sent.GetTime().AsTime()}
	if sent.GetPrevious() != swimpb.MemberState_MEMBER_STATE_UNSPECIFIED {
		change.Previous = c.rowState("change.previous", sent.GetPrevious())
	}
	return change
}
