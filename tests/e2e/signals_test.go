package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/cluster"
)

// What only a real kernel does: it stops processes where they stand, resets what the dead
// leave behind, and gives a port to the next.

// TestNoPauseOfNineTenthsOfASecondFailsAnybody: each of the nodes stands still, in turn.
func TestNoPauseOfNineTenthsOfASecondFailsAnybody(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 51)
	nodes := n.running(4)
	for _, node := range nodes[:3] {
		n.pause(node, 900*time.Millisecond)
	}
	// Whoever was about to be failed for its pause would be by the time that a death, which
	// comes later, is known.
	n.must(nodes[3].Kill())
	want := alive(4)
	want["4"] = swim.Failed
	n.agree(want, nodes[:3]...)
	n.never(swim.Failed, nodes[:3]...)
}

// pause stops both halves for so long, which is the input of a test. A machine that is too
// busy to end the pause in time does not play it.
func (n *network) pause(node *cluster.Node, length time.Duration) {
	n.t.Helper()
	start := time.Now()
	n.must(node.Pause())
	<-time.After(length)
	n.must(node.Resume())
	if took := time.Since(start); took > time.Second {
		n.t.Skipf("this machine is too busy: a pause of %s took %s", length, took)
	}
}

func TestANodeThatStandsStillIsFailedAndComesBackByItself(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 52)
	nodes := n.running(5)
	before := n.row(nodes[0], "3")
	n.must(nodes[2].Pause())
	others := []*cluster.Node{nodes[0], nodes[1], nodes[3], nodes[4]}
	n.told(others, "3", "failed", func(m swim.Member) bool { return m.State == swim.Failed })
	n.must(nodes[2].Resume())
	n.told(nodes, "3", "alive again", func(m swim.Member) bool {
		return m.State == swim.Alive && m.Instance == before.Instance && m.Incarnation > before.Incarnation
	})
	n.agree(alive(5), nodes...)
	n.never(swim.Failed, others...) // it blames nobody for its own absence
}

// TestHalfANodeIsSuspectThenFailedAndComesBack: each half killed, and each half frozen.
func TestHalfANodeIsSuspectThenFailedAndComesBack(t *testing.T) {
	detector := func(n *cluster.Node) *cluster.Process { return n.Detector }
	disseminator := func(n *cluster.Node) *cluster.Process { return n.Disseminator }
	for name, c := range map[string]struct {
		net       byte
		half      func(*cluster.Node) *cluster.Process
		end, back func(*cluster.Process) error
		reason    swim.Reason
	}{
		"detector killed":     {53, detector, (*cluster.Process).Kill, (*cluster.Process).Start, swim.DetectorDown},
		"disseminator killed": {54, disseminator, (*cluster.Process).Kill, (*cluster.Process).Start, swim.DisseminatorDown},
		"detector frozen":     {55, detector, (*cluster.Process).Pause, (*cluster.Process).Resume, swim.DetectorDown},
		"disseminator frozen": {56, disseminator, (*cluster.Process).Pause, (*cluster.Process).Resume, swim.DisseminatorDown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t, c.net, "SWIM_PAIR_GRACE=2s")
			nodes := n.running(3)
			n.must(c.end(c.half(nodes[2])))
			n.told(nodes[:2], "3", "suspect", func(m swim.Member) bool { return m.State == swim.Suspect && m.Reason == c.reason })
			n.told(nodes[:2], "3", "failed", func(m swim.Member) bool { return m.State == swim.Failed && m.Reason == c.reason })
			n.must(c.back(c.half(nodes[2])))
			n.agree(alive(3), nodes...)
			n.never(swim.Failed, nodes[:2]...)
		})
	}
}

// TestAPairThatIsRestartedAtOnceIsAliveUnderItsNewInstance: before anybody could miss it.
func TestAPairThatIsRestartedAtOnceIsAliveUnderItsNewInstance(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 57)
	nodes := n.running(4)
	before := n.row(nodes[0], "3")
	n.must(nodes[2].Kill())
	n.must(nodes[2].Start())
	n.told(nodes, "3", "alive under a new instance", reborn(before))
	n.agree(alive(4), nodes...)
	n.never(swim.Failed, nodes[0], nodes[1], nodes[3])
}

func TestAPairThatIsRestartedAtAnotherAddressIsAliveThere(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 58)
	nodes := n.running(4)
	before := n.row(nodes[0], "3")
	n.must(nodes[2].Kill())
	elsewhere := newNetworkAt(t, func(int) string { return "127.0.58.103" })
	moved := elsewhere.Add(3, "BOOTSTRAP_ADDRESS="+nodes[0].DisseminatorAddress)
	elsewhere.start(moved)
	others := []*cluster.Node{nodes[0], nodes[1], nodes[3]}
	n.told(others, "3", "alive at "+moved.DetectorAddress, func(m swim.Member) bool {
		return reborn(before)(m) && string(m.DetectorAddress) == moved.DetectorAddress &&
			string(m.DisseminatorAddress) == moved.DisseminatorAddress
	})
	n.agree(alive(4), others...)
	elsewhere.agree(alive(4), moved)
	n.never(swim.Failed, others...)
}

func TestEverybodyMayRestartAtOnce(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 59)
	nodes := n.running(5)
	before := map[swim.NodeID]swim.Member{}
	for _, node := range nodes {
		before[node.Name()] = n.row(nodes[0], node.Name())
	}
	for _, node := range nodes {
		n.must(node.Kill())
	}
	for _, node := range nodes {
		n.must(node.Start())
	}
	for _, node := range nodes {
		n.told(nodes, node.Name(), "alive under a new instance", reborn(before[node.Name()]))
	}
	n.agree(alive(5), nodes...)
}

// TestAnUpgradeReplacesOneHalfAfterTheOther: each stops in order, and nobody says goodbye.
func TestAnUpgradeReplacesOneHalfAfterTheOther(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 60)
	nodes := n.running(3)
	upgraded, others := nodes[2], nodes[:2]
	for _, half := range []*cluster.Process{upgraded.Disseminator, upgraded.Detector} {
		before := n.row(nodes[0], "3")
		n.must(half.Stop())
		n.exits(half, 0)
		n.must(half.Start())
		n.told(nodes, "3", "alive again", func(m swim.Member) bool {
			return m.State == swim.Alive && m.Incarnation > before.Incarnation
		})
		n.agree(alive(3), nodes...)
	}
	for _, state := range []swim.State{swim.Failed, swim.Left} {
		n.never(state, append(others, upgraded)...)
	}
}

func reborn(before swim.Member) func(swim.Member) bool {
	return func(m swim.Member) bool { return m.State == swim.Alive && m.Instance != before.Instance }
}

// row is a node's record of a member.
func (n *network) row(at *cluster.Node, id swim.NodeID) swim.Member {
	n.t.Helper()
	list, err := n.Members(n.ctx, at)
	n.must(err)
	for _, m := range list.Members {
		if m.ID == id {
			return m
		}
	}
	n.t.Fatalf("node %d has no member %s", at.ID, id)
	return swim.Member{}
}

// told waits until the nodes' lists all have such a row of a member.
func (n *network) told(nodes []*cluster.Node, id swim.NodeID, what string, is func(swim.Member) bool) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.ctx, patience)
	defer cancel()
	if _, err := n.WaitFor(ctx, func(views cluster.Views) bool {
		for _, node := range nodes {
			if view := views[node.Name()]; !view.Connected || !is(view.Rows[string(id)]) {
				return false
			}
		}
		return true
	}); err != nil {
		for _, node := range nodes {
			n.t.Logf("node %d has %+v", node.ID, n.Views()[node.Name()].Rows[string(id)])
		}
		n.t.Fatalf("not all say that %s is %s", id, what)
	}
}
