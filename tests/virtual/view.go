package virtual

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
	"github.com/swimpair/swim/tests/sim/audit"
)

// view is what a watcher of one node holds: the table as an application would have it.
type view struct {
	instance swim.Instance // of the node
	rows     map[swim.NodeID]swim.Member
}

// follow watches a node for as long as its disseminator runs.
func (n *Net) follow(node *Node) {
	v := &view{rows: map[swim.NodeID]swim.Member{}}
	node.view = v
	conn := n.Client(node.DisseminatorAddress)
	go func() {
		defer conn.Close()
		stream, err := swimpb.NewMembershipClient(conn).WatchMembers(context.Background(), &swimpb.WatchMembersRequest{}, grpc.WaitForReady(true))
		for err == nil {
			var sent *swimpb.WatchMembersResponse
			if sent, err = stream.Recv(); err == nil {
				n.hear(node.ID, v, sent)
			}
		}
	}()
}

func (n *Net) hear(by swim.NodeID, v *view, sent *swimpb.WatchMembersResponse) {
	message, err := wire.ParseWatch(sent)
	if err != nil {
		n.t.Errorf("node %s breaks the contract: %v", by, err)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	take := func(m swim.Member) {
		if m.State != swim.Contact {
			v.rows[m.ID] = m
		}
	}
	switch e := message.Event.(type) {
	case wire.Snapshot:
		v.instance = e.Node.Instance
		for _, m := range e.Members {
			take(m)
			n.note(audit.Published{Observer: by, Instance: v.instance, Member: m}) // before the first revision
		}
	case wire.Change:
		n.note(audit.Published{
			Observer: by, Instance: v.instance, Revision: message.Revision, Member: e.Member, Previous: e.Previous, Removed: e.Removed,
		})
		if take(e.Member); e.Removed {
			delete(v.rows, e.Member.ID)
		}
	}
}

// viewed is a node's row of a member as its watcher has it; zero if there is none.
func (node *Node) viewed(id swim.NodeID) swim.Member {
	node.net.mu.Lock()
	defer node.net.mu.Unlock()
	return node.view.rows[id]
}

// everTold returns the first time that a watcher was told that a member is in a state.
func (n *Net) everTold(id swim.NodeID, state swim.State) (at time.Time, said audit.Published, ever bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, f := range n.facts {
		if p, ok := f.fact.(audit.Published); ok && p.Member.ID == id && p.Member.State == state {
			return f.at, p, true
		}
	}
	return time.Time{}, audit.Published{}, false
}

// tables are the views, for whoever reads why a script failed.
func (n *Net) tables() string {
	var b strings.Builder
	for _, node := range n.latest() {
		if !node.Disseminator.Runs() {
			continue
		}
		fmt.Fprintf(&b, "%s:", node.ID)
		for _, other := range n.latest() {
			m := node.viewed(other.ID)
			fmt.Fprintf(&b, " %s=%s@%d(%s)", other.ID, m.State, m.Incarnation, m.Reason)
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

// Story is what the nodes have logged of their events, in order of time.
func (n *Net) Story() string {
	type line struct {
		at   time.Time
		text string
	}
	var lines []line
	for _, node := range n.nodes {
		for _, e := range node.events() {
			lines = append(lines, line{e.Time, fmt.Sprintf("%s  node %s: %s", e.Time.Format("04:05.000"), node.ID, e.Message)})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Compare(b.at) })
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintln(&b, l.text)
	}
	return b.String()
}
