package probe_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

// warmPings are those whose connection stays open.
func warmPings(effects []probe.Effect) []probe.Ping {
	return slices.DeleteFunc(pick[probe.Ping](effects), func(p probe.Ping) bool { return !p.Keep })
}

// startWarm is a node whose test answers the pings of warm members itself.
func startWarm(t *testing.T, others ...swim.Member) *node {
	n := newNode(t, config(), 1)
	n.warm = true
	n.see(others...)
	return n
}

// observed are the members whose first observers this node is one of.
func observed(all []swim.Member) (ids []swim.NodeID) {
	live := []swim.NodeID{me}
	for _, m := range all {
		live = append(live, m.ID)
	}
	for _, m := range all {
		if swim.RankAmong(live, me, m.ID) < 4 {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

func idsOf(pings []probe.Ping) (ids []swim.NodeID) {
	for _, p := range pings {
		ids = append(ids, p.Target)
	}
	slices.Sort(ids)
	return ids
}

func TestTheMembersThatANodeObservesAreMetOnAConnectionThatStays(t *testing.T) {
	others := members(30)
	n := startWarm(t, others...)
	want := observed(others)
	slices.Sort(want)
	pings := warmPings(n.advance(200 * time.Millisecond))
	if got := idsOf(pings); !slices.Equal(got, want) || len(want) != 4 {
		t.Fatalf("it keeps connections to %v, want %v", got, want)
	}
	for i, p := range pings {
		n.step(ackOn(p, probe.ConnectionNumber(i+1)))
	}
	if again := warmPings(n.advance(time.Minute)); len(again) > 0 {
		t.Errorf("it meets %v again, though the connections stand", idsOf(again))
	}
}

func TestAMemberThatDoesNotAnswerIsMetLater(t *testing.T) {
	n := startWarm(t, member("2"))
	for _, wait := range []time.Duration{20 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second} {
		none[probe.Ping](t, asEffects(warmPings(n.advance(wait-time.Millisecond))), "it is not time yet")
		pings := warmPings(n.advance(time.Millisecond))
		if len(pings) != 1 {
			t.Fatalf("after %s it is met %d times, want once", wait, len(pings))
		}
		effects := n.step(unanswered(pings[0]))
		none[probe.ReportUnreachable](t, effects, "that is not its turn")
	}
}

func asEffects(pings []probe.Ping) (effects []probe.Effect) {
	for _, p := range pings {
		effects = append(effects, p)
	}
	return effects
}

func TestAConnectionIsLetGoWithTheMember(t *testing.T) {
	for name, change := range map[string]func(m *swim.Member){
		"it has failed":     func(m *swim.Member) { m.State = swim.Failed },
		"it has moved":      func(m *swim.Member) { m.DetectorAddress = "elsewhere:50050" },
		"it was left alone": func(m *swim.Member) { m.State = swim.Left },
	} {
		t.Run(name, func(t *testing.T) {
			n := startWarm(t, member("2"))
			n.step(ackOn(warmPings(n.advance(100 * time.Millisecond))[0], 7))
			m := member("2")
			change(&m)
			if letGo := only[probe.LetGo](t, n.change(m)); letGo.Address != member("2").DetectorAddress {
				t.Errorf("the connection to %s is let go", letGo.Address)
			}
		})
	}
}

func TestANewLifeIsMetOnAConnectionOfItsOwn(t *testing.T) {
	n := startWarm(t, member("2"))
	n.step(ackOn(warmPings(n.advance(100 * time.Millisecond))[0], 7))
	m := member("2")
	m.Instance, m.Incarnation = 99, 8
	n.change(m)
	n.step(probe.ConnectionClosed{Connection: 7, ByPeer: true}) // of the former life
	pings := warmPings(n.advance(2 * time.Second))
	if len(pings) == 0 || pings[0].Instance != 99 {
		t.Errorf("got %+v, want the new life to be met", pings)
	}
}
