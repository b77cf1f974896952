package membership_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

const (
	headPatience = 200 * time.Millisecond
	// size of the cluster besides node 1: four ranges.
	size = 24
)

// startLarge starts node 1 in a cluster in which news goes through heads.
func startLarge(t *testing.T) *node {
	t.Helper()
	return startIn(t, size, others(size)...)
}

// handed are the calls to heads, direct the other pushes.
func handed(effects []membership.Effect) []membership.Disseminate {
	return slices.DeleteFunc(pushes(effects), func(d membership.Disseminate) bool { return d.Serve == nil })
}

func direct(effects []membership.Effect) []membership.Disseminate {
	return slices.DeleteFunc(pushes(effects), func(d membership.Disseminate) bool { return d.Serve != nil })
}

// in are the members of a range, without those named.
func in(r *swim.HashRange, members []swim.Member, but ...swim.NodeID) (ids []swim.NodeID) {
	for _, m := range members {
		if r.Contains(swim.Position(m.ID)) && !slices.Contains(but, m.ID) {
			ids = append(ids, m.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// retagged makes news about this node itself.
func (n *node) retagged() []membership.Effect {
	return n.feed(membership.TagsRequested{Call: n.newCall()})
}

// served is the answer of a head whose range has been told.
func (n *node) served(call membership.Disseminate) []membership.Effect {
	return n.feed(membership.NewsEnded{Number: call.Number, Evidence: swim.Acked, Served: true, ResponderID: call.To.ID})
}

func TestInASmallClusterNewsIsToldDirectly(t *testing.T) {
	n := startIn(t, size+1, others(size)...)
	effects := n.retagged()
	if got := len(direct(effects)); got != size || len(handed(effects)) != 0 {
		t.Errorf("told %d directly and %d through heads, want %d and none", got, len(handed(effects)), size)
	}
}

func TestInALargeClusterEachRangeIsToldThroughAHeadOfIts(t *testing.T) {
	n := startLarge(t)
	effects := n.retagged()
	calls := handed(effects)
	if len(calls) != 4 || len(direct(effects)) != 0 {
		t.Fatalf("called %d heads of %d others, and %d directly; want 4 and none", len(calls), size, len(direct(effects)))
	}
	var covered []swim.NodeID
	for _, call := range calls {
		if !call.Serve.Contains(swim.Position(call.To.ID)) || !slices.Equal(about(call.Members), []swim.NodeID{"1"}) {
			t.Errorf("node %s outside %x hears of %v, want a head in the range to hear of 1", call.To.ID, *call.Serve, about(call.Members))
		}
		covered = append(covered, in(call.Serve, others(size))...)
	}
	if slices.Sort(covered); len(covered) != size || len(slices.Compact(covered)) != size {
		t.Errorf("the ranges cover %v, want each member once", covered)
	}
	for _, call := range calls {
		n.served(call)
	}
	if again := pushes(n.run(period)); len(again) > 0 {
		t.Errorf("told again to %v", receivers(again))
	}
}

// Its connections to them are open already.
func TestTheHeadsAreTheSameEveryTime(t *testing.T) {
	n := startLarge(t)
	first := handed(n.retagged())
	for _, call := range first {
		n.served(call)
	}
	if got, want := receivers(handed(n.retagged())), receivers(first); !slices.Equal(got, want) {
		t.Errorf("the heads are %v, and were %v", got, want)
	}
}

func TestASuspectIsAHeadOnlyWhereNobodyElseIs(t *testing.T) {
	n := startLarge(t)
	first := handed(n.retagged())
	for _, call := range first {
		n.served(call)
		n.hears(member(call.To.ID, as(swim.Suspect, swim.Unreachable), accusedBy("9")))
	}
	second := handed(n.retagged())
	for i, call := range second {
		if call.To.ID == first[i].To.ID {
			t.Errorf("suspect %s is head of %x", call.To.ID, *call.Serve)
		}
		n.served(call)
	}
	for _, m := range others(size) {
		n.hears(member(m.ID, as(swim.Suspect, swim.Unreachable), accusedBy("9")))
	}
	if third := handed(n.retagged()); !slices.Equal(receivers(third), receivers(first)) {
		t.Errorf("where all are suspect %v are heads, want %v", receivers(third), receivers(first))
	}
}

func TestAHeadThatIsLateLosesItsRangeToTheNextMember(t *testing.T) {
	for name, after := range map[string]time.Duration{"its host is silent": headPatience, "its connection breaks": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			n := startLarge(t)
			calls := handed(n.retagged())
			for _, call := range calls[1:] {
				n.served(call)
			}
			n.run(after)
			next := only[membership.Disseminate](t, n.pushEnded(calls[0], swim.Silent))
			if *next.Serve != *calls[0].Serve || next.To.ID == calls[0].To.ID || !slices.Equal(about(next.Members), []swim.NodeID{"1"}) {
				t.Errorf("then %s is to serve %x with %v, want another head of %x, with 1", next.To.ID, *next.Serve, about(next.Members), *calls[0].Serve)
			}
			none[membership.Disseminate](t, n.served(calls[0])) // too late: that call has ended
			n.served(next)
			if again := pushes(n.run(period)); len(again) > 0 {
				t.Errorf("told again to %v", receivers(again))
			}
		})
	}
}

// Until it is suspect, or for ten seconds.
func TestALateHeadComesLast(t *testing.T) {
	n := startLarge(t)
	first := handed(n.retagged())
	second := handed(n.pushEnded(first[0], swim.Silent))[0]
	for _, call := range append(first[1:], second) {
		n.served(call)
	}
	for _, test := range []struct {
		after time.Duration
		want  swim.NodeID
	}{{time.Second, second.To.ID}, {8 * time.Second, second.To.ID}, {2 * time.Second, first[0].To.ID}} {
		n.run(test.after)
		calls := handed(n.retagged())
		if got := calls[0].To.ID; got != test.want {
			t.Errorf("%s later %s is head, want %s", test.after, got, test.want)
		}
		for _, call := range calls {
			n.served(call)
		}
	}
}

func TestARangeWhoseHeadsAllFailIsToldDirectly(t *testing.T) {
	n := startLarge(t)
	call := handed(n.retagged())[0]
	var effects []membership.Effect
	tried := map[swim.NodeID]bool{}
	for range 3 {
		tried[call.To.ID] = true
		if effects = n.pushEnded(call, swim.Silent); len(handed(effects)) > 0 {
			call = handed(effects)[0]
		}
	}
	if got, want := receivers(direct(effects)), in(call.Serve, others(size)); len(tried) != 3 || !slices.Equal(got, want) {
		t.Errorf("after %d heads %v are told directly, want %v after three", len(tried), got, want)
	}
}

// An older version takes the rows, and knows nothing of ranges.
func TestARangeThatIsNotServedIsToldDirectly(t *testing.T) {
	n := startLarge(t)
	call := handed(n.retagged())[0]
	effects := n.pushEnded(call, swim.Acked)
	if got, want := receivers(direct(effects)), in(call.Serve, others(size), call.To.ID); !slices.Equal(got, want) || len(handed(effects)) > 0 {
		t.Errorf("%v are told directly, want %v", got, want)
	}
}

func TestNewsThatComesWhileHeadsAreBusyFollowsTogether(t *testing.T) {
	n := startLarge(t)
	calls := handed(n.retagged())
	first, second := accuse(t, n, "10"), accuse(t, n, "11")
	if got := handed(append(first, second...)); len(got) > 0 {
		t.Fatalf("called %v while a call for each range was out", receivers(got))
	}
	next := only[membership.Disseminate](t, n.served(calls[0]))
	if got := about(next.Members); !slices.Equal(got, []swim.NodeID{"10", "11"}) || *next.Serve != *calls[0].Serve {
		t.Errorf("then %v goes to range %x, want 10 and 11 to %x", got, *next.Serve, *calls[0].Serve)
	}
	next = only[membership.Disseminate](t, n.pushEnded(calls[1], swim.Silent))
	if got := about(next.Members); !slices.Equal(got, []swim.NodeID{"1", "10", "11"}) {
		t.Errorf("the next head hears of %v, want what the first has not told, and 10 and 11", got)
	}
}

func TestTheAccusedIsToldDirectlyAndIsNoHead(t *testing.T) {
	n := startLarge(t)
	head := handed(n.retagged())[0].To.ID
	n = startLarge(t)
	effects := accuse(t, n, head)
	if got := receivers(direct(effects)); !slices.Equal(got, []swim.NodeID{head}) {
		t.Errorf("told directly: %v, want the accused, %s", got, head)
	}
	if heads := receivers(handed(effects)); slices.Contains(heads, head) || len(heads) != 4 {
		t.Errorf("the heads are %v, want four without the accused, %s", heads, head)
	}
}

// Nobody believes a goodbye, or a failing, that another tells.
func TestWhatANodeSaysAgainstItselfIsToldDirectly(t *testing.T) {
	for name, input := range map[string]func(*node) membership.Input{
		"it leaves":            func(n *node) membership.Input { return membership.LeaveRequested{Call: n.newCall()} },
		"its detector is down": func(*node) membership.Input { return membership.DetectorDetached{Why: "reset"} },
	} {
		t.Run(name, func(t *testing.T) {
			n := startLarge(t)
			effects := n.feed(input(n))
			if got := len(direct(effects)); got != size || len(handed(effects)) > 0 {
				t.Errorf("told %d directly and %d through heads, want all %d directly", got, len(handed(effects)), size)
			}
		})
	}
}
