package membership_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// finding is what a witness says of a member's row as it stands here.
func (n *node) finding(id swim.NodeID, heard bool) swim.Confirmation {
	row := n.row(id)
	return swim.Confirmation{ID: id, Incarnation: row.Incarnation, Instance: row.Instance, Heard: heard}
}

// says delivers the finding of a witness.
func (n *node) says(witness swim.NodeID, found swim.Confirmation) []membership.Effect {
	return n.feed(membership.NewsReceived{Call: n.newCall(), Sender: witness, Confirmations: []swim.Confirmation{found}})
}

// calls is the own detector's word that a suspect has called it.
func (n *node) suspectCalls(id swim.NodeID) []membership.Effect {
	row := n.row(id)
	return n.feed(membership.SuspectHeard{Suspect: id, Incarnation: row.Incarnation, Instance: row.Instance})
}

func TestAWitnessThatHasLeftTellsNothingMore(t *testing.T) {
	n := startKnowing(t, others(4)...)
	n.hearsFrom("2", member("5", as(swim.Suspect, swim.Unreachable), accusedBy("2")))
	for _, push := range pushes(n.feed(membership.LeaveRequested{Call: n.newCall()})) {
		n.pushEnded(push, swim.Acked)
	}
	none[membership.Disseminate](t, n.suspectCalls("5"))
}

func TestASuspectThatIsHeardHasTheLongestTimer(t *testing.T) {
	for name, hear := range map[string]func(n *node){
		"it answers late":      func(n *node) { n.reached(member("2")) },
		"it calls":             func(n *node) { n.suspectCalls("2") },
		"it calls, and calls":  func(n *node) { n.suspectCalls("2"); n.run(50 * time.Millisecond); n.suspectCalls("2") },
		"a witness hears it":   func(n *node) { n.says("3", n.finding("2", true)) },
		"when asked last":      func(n *node) { n.run(200 * time.Millisecond); n.suspectCalls("2") },
		"of all who confirmed": func(n *node) { n.says("5", n.finding("2", true)) },
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, others(6)...)
			accuse(t, n, "2")
			since := n.now
			n.run(900 * time.Millisecond)
			for _, witness := range []swim.NodeID{"3", "4", "5"} {
				n.confirms(witness, "2") // its time is over in 100 ms
			}
			hear(n)
			if askedAfter(t, n, "2"); n.now-since < longest || n.now-since > longest+2*time.Millisecond {
				t.Errorf("its time is over after %s, want %s: it is slow, not dead", n.now-since, longest)
			}
		})
	}
}

func TestASignOfLifeThatProvesNothingChangesNothing(t *testing.T) {
	for name, hear := range map[string]func(n *node){
		"of another incarnation": func(n *node) { f := n.finding("2", true); f.Incarnation++; n.says("3", f) },
		"of another life":        func(n *node) { f := n.finding("2", true); f.Instance++; n.says("3", f) },
		"by the suspect itself":  func(n *node) { n.says("2", n.finding("2", true)) },
		"by a stranger":          func(n *node) { n.says("77", n.finding("2", true)) },
		"by one who has failed":  func(n *node) { n.says("9", n.finding("2", true)) },
		"of somebody else":       func(n *node) { n.suspectCalls("3") },
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, append(others(6), member("9", as(swim.Failed, swim.Unreachable)))...)
			accuse(t, n, "2")
			for _, witness := range []swim.NodeID{"3", "4", "5"} {
				n.confirms(witness, "2")
			}
			hear(n)
			if got := askedAfter(t, n, "2"); got > tolerance+2*time.Millisecond {
				t.Errorf("its time is over after %s, want %s", got, tolerance)
			}
		})
	}
}

// A deaf node calls for ever, and never answers: that must not keep it alive.
func TestWhoeverOnlyCallsIsFailedAllTheSame(t *testing.T) {
	n := startKnowing(t, others(6)...)
	n.heard = true
	n.taken(accuse(t, n, "2"))
	for since := n.now; n.now-since <= longest+lastWord; {
		n.run(100 * time.Millisecond)
		if n.row("2").State == swim.Suspect {
			n.suspectCalls("2")
		}
	}
	n.wantState("2", swim.Failed)
}

func TestAWitnessThatHearsTheSuspectTellsTheLeaderOnce(t *testing.T) {
	n := startKnowing(t, others(6)...)
	n.hearsFrom("4", suspectBy("4", "2"))
	told := func(effects []membership.Effect) (heard []bool) {
		for _, push := range pushesTo(effects, "4") {
			for _, found := range push.Confirmations {
				heard = append(heard, found.Heard)
			}
			n.pushEnded(push, swim.Acked)
		}
		return heard
	}
	if got := told(n.verdict(n.row("2"))); !slices.Equal(got, []bool{false}) {
		t.Errorf("the leader is told %v, want that the suspect does not answer here either", got)
	}
	if got := told(n.suspectCalls("2")); !slices.Equal(got, []bool{true}) {
		t.Errorf("the leader is told %v, want that the suspect is heard", got)
	}
	if got := told(append(n.suspectCalls("2"), n.verdict(n.row("2"))...)); len(got) != 0 {
		t.Errorf("the leader is told %v again", got)
	}
}
