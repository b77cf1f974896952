package probe_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

// roundsOf plays rounds: the direct ping of each ends as it is told, in time, and its
// proxies nack. It returns the leases that were sent.
func roundsOf(n *node, ends ...swim.Evidence) (leases []probe.SendLease) {
	for _, evidence := range ends {
		ping := n.nextRound()
		if evidence == swim.Acked {
			n.step(ack(ping))
			continue
		}
		leases = append(leases, pick[probe.SendLease](n.advance(ping.Timeout))...)
		n.end(probe.PingEnded{Number: ping.Number, Evidence: evidence})
	}
	return append(leases, pick[probe.SendLease](n.advance(2500*time.Millisecond))...) // too late for an ack
}

// end ends a ping, both times if it was sent twice.
func (n *node) end(in probe.PingEnded) {
	n.step(in)
	if slices.ContainsFunc(n.again, func(p probe.Ping) bool { return p.Number == in.Number }) {
		n.step(in)
	}
}

func unwell(leases []probe.SendLease) bool { return leases[len(leases)-1].Unwell }

func times(count int, evidence swim.Evidence) (all []swim.Evidence) {
	for range count {
		all = append(all, evidence)
	}
	return all
}

func TestANodeIsUnwellIfMostOfItsPingsAreNeverAnswered(t *testing.T) {
	for name, test := range map[string]struct {
		members int
		ends    []swim.Evidence
		want    bool
	}{
		"all are answered":        {9, times(10, swim.Acked), false},
		"five are not":            {9, append(times(5, swim.Acked), times(5, swim.Silent)...), false},
		"six are not":             {9, append(times(4, swim.Acked), times(6, swim.Silent)...), true},
		"they are refused":        {9, times(10, swim.Refused), false},
		"somebody else answers":   {9, times(10, swim.WrongTarget), false},
		"there are only two":      {2, times(10, swim.Silent), false},
		"that was long ago":       {9, append(times(6, swim.Silent), times(10, swim.Acked)...), false},
		"six in a row are":        {9, append(times(6, swim.Silent), times(6, swim.Acked)...), true},
		"seven in a row are":      {9, append(times(6, swim.Silent), times(7, swim.Acked)...), false},
		"nothing could be proven": {9, times(10, swim.None), true},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, members(test.members)...)
			if got := unwell(roundsOf(n, test.ends...)); got != test.want {
				t.Errorf("unwell is %t, want %t", got, test.want)
			}
		})
	}
}

func TestSlowIsNotUnwell(t *testing.T) {
	n := startNode(t, members(9)...)
	for range 10 {
		ping := n.nextRound()
		n.advance(ping.Timeout)
		n.end(probe.PingEnded{Number: ping.Number, Evidence: swim.Silent})
		n.end(ack(ping))
	}
	if unwell(pick[probe.SendLease](n.advance(2500 * time.Millisecond))) {
		t.Error("a node whose pings are answered late is unwell")
	}
}

// The second ping makes up for a message that was lost, but not for all of the network that
// loses it: a round that needed it counts half.
func TestARoundThatNeededASecondPingCountsHalf(t *testing.T) {
	for second, want := range map[int]bool{4: true, 3: false} {
		n := startNode(t, members(9)...)
		for range second {
			ping := n.nextRound()
			n.advance(ping.Timeout / 2)
			n.step(ack(ping))
		}
		if got := unwell(roundsOf(n, times(4, swim.Silent)...)); got != want {
			t.Errorf("%d rounds that needed two pings, and four silent ones: unwell is %t, want %t", second, got, want)
		}
	}
}

func TestWhomOthersSuspectDoesNotMakeANodeUnwell(t *testing.T) {
	n := startNode(t, members(9)...)
	for _, m := range members(9) {
		n.change(suspectBy("3", m.ID))
	}
	if unwell(roundsOf(n, times(10, swim.Silent)...)) {
		t.Error("a node is unwell because of members that others suspect")
	}
}

func TestWhatWasNotHeardInAStallDoesNotMakeANodeUnwell(t *testing.T) {
	n := startNode(t, members(9)...)
	for range 5 {
		n.nextRound()
	}
	n.stall(5 * time.Second)
	n.step(probe.Tick{})
	if unwell(roundsOf(n, swim.Silent, swim.Silent)) {
		t.Error("a node is unwell because it stood still")
	}
}

// Two that are left, and suspect each other, must be able to get well.
func TestTheAnswersOfSuspectsMakeANodeWell(t *testing.T) {
	n := startNode(t, members(9)...)
	if !unwell(roundsOf(n, times(10, swim.Silent)...)) {
		t.Fatal("it is well")
	}
	for _, m := range members(9) {
		n.change(suspectBy("3", m.ID))
	}
	n.world = healthy()
	if unwell(pick[probe.SendLease](n.advance(10 * period))) {
		t.Error("it is unwell still, though all answer")
	}
}
