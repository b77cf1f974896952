package virtual_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/virtual"
)

// A cut that cuts nothing would let every schedule come out right.
func TestACutStopsWhatItNamesAndNothingElse(t *testing.T) {
	for name, test := range map[string]struct {
		cut    virtual.Cut
		missed map[swim.NodeID][]swim.NodeID // who misses acks of whom
	}{
		// Node 1's pings do not arrive, and neither do its answers to pings.
		"one way": {virtual.Cut{From: "1", To: "2"}, map[swim.NodeID][]swim.NodeID{"1": {"2"}, "2": {"1"}}},
		// Node 3's detector hears no pings. The answers to its own do not go to its port.
		"one port": {virtual.Cut{To: "3", Half: "detector"}, map[swim.NodeID][]swim.NodeID{
			"1": {"3"}, "2": {"3"}, "4": {"3"}, "5": {"3"},
		}},
		"nothing": {virtual.Cut{From: "8"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			virtual.Run(t, func(net *virtual.Net) {
				nodes := startFive(net)
				net.Sever(test.cut)
				time.Sleep(30 * time.Second)
				for _, n := range nodes {
					missed := map[swim.NodeID]bool{}
					for _, id := range test.missed[n.ID] {
						missed[id] = true
					}
					for _, other := range nodes {
						line := "Node " + string(other.ID) + " at " + string(other.DetectorAddress) + ": no ack"
						if got := n.DetectorLog.FilterMessageSnippet(line).Len() > 0; got != missed[other.ID] {
							t.Errorf("node %s has missed acks of %s: %t, want %t", n.ID, other.ID, got, missed[other.ID])
						}
					}
					everybodySays(t, nodes, n.ID, swim.Alive)
				}
			})
		})
	}
}

// Nothing is heard of a half that stands still, and what was said to it is answered after.
func TestAHalfThatStandsStillAnswersWhenItGoesOn(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		for _, half := range []*virtual.Half{nodes[0].Detector, nodes[0].Disseminator} {
			half.Pause()
		}
		answered := make(chan swim.NodeID, 1)
		go func() { answered <- nodes[0].List().Node.ID }()
		select {
		case <-answered:
			t.Error("it answers while it stands still")
		case <-time.After(800 * time.Millisecond):
		}
		for _, half := range []*virtual.Half{nodes[0].Detector, nodes[0].Disseminator} {
			half.Resume()
		}
		within(t, time.Second, answered, "answer")
	})
}
