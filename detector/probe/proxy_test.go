package probe_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

const proxiedCap = 128 // pings for others that may be out at once

func ask(id swim.NodeID, budget time.Duration) probe.IndirectPingReceived {
	return probe.IndirectPingReceived{Call: 9, TargetID: id, Budget: budget, Trace: swim.TraceID{1}}
}

func TestAProxyPingsTheTargetItselfAndPassesTheAckOn(t *testing.T) {
	n := startNode(t, members(3)...)
	ping := only[probe.Ping](t, n.step(ask("2", time.Second)))
	want := probe.Ping{
		Number: ping.Number, Address: "node2:50050", Target: "2", Instance: instanceOf("2"),
		SenderInstance: instanceOf(me), Digest: digestOf(0, append(members(3), member(me))...),
		Timeout: 760 * time.Millisecond, Trace: swim.TraceID{1}, // 95 % of 80 %
	}
	if ping != want {
		t.Errorf("got %+v, want %+v", ping, want)
	}
	got := only[probe.AnswerIndirectPing](t, n.step(ack(ping)))
	if want := (probe.AnswerIndirectPing{Call: 9, Evidence: swim.Acked, Instance: instanceOf("2")}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	none[probe.AnswerIndirectPing](t, n.advance(2*time.Second), "it has been answered")
}

func TestAProxyFindsTheTargetByAddress(t *testing.T) {
	n := startNode(t, members(3)...)
	got := only[probe.Ping](t, n.step(probe.IndirectPingReceived{Call: 9, TargetAddress: "node3:50050", Budget: time.Second}))
	if got.Target != "3" || got.Address != "node3:50050" {
		t.Errorf("got %+v, want a ping of node 3", got)
	}
}

// A peer of the seed's family names addresses. Where a failed member was and another is
// now, it means the one that is there.
func TestAProxyFindsTheLiveMemberOfTwoAtOneAddress(t *testing.T) {
	former := in(member("2"), swim.Failed)
	heir := member("3")
	heir.DetectorAddress = former.DetectorAddress
	n := startNode(t, former, heir)
	got := only[probe.Ping](t, n.step(probe.IndirectPingReceived{Call: 9, TargetAddress: heir.DetectorAddress, Budget: time.Second}))
	if got.Target != "3" {
		t.Errorf("got target %s, want the live member there, 3", got.Target)
	}
}

func TestAProxyAsksForTheInstanceThatTheCallerMeans(t *testing.T) {
	n := startNode(t, members(3)...)
	in := ask("2", time.Second)
	in.TargetInstance = 77
	ping := only[probe.Ping](t, n.step(in))
	if ping.Instance != 77 {
		t.Errorf("got instance %s asked for, want 4d (77)", ping.Instance)
	}
	ended := probe.PingEnded{Number: ping.Number, Evidence: swim.Acked, Responder: member("2")}
	if got := only[probe.AnswerIndirectPing](t, n.step(ended)); got.Evidence != swim.WrongTarget {
		t.Errorf("got %s, want wrong target: another instance answered", got.Evidence)
	}
}

func TestAProxyPassesOnHowItsPingEnded(t *testing.T) {
	restarted := member("2")
	restarted.Instance = 99
	for name, c := range map[string]struct {
		ended probe.PingEnded
		want  probe.AnswerIndirectPing
	}{
		"refused":          {probe.PingEnded{Evidence: swim.Refused}, probe.AnswerIndirectPing{Evidence: swim.Refused}},
		"silent":           {probe.PingEnded{Evidence: swim.Silent}, probe.AnswerIndirectPing{Evidence: swim.Silent}},
		"none":             {probe.PingEnded{Evidence: swim.None}, probe.AnswerIndirectPing{Evidence: swim.None}},
		"another node":     {probe.PingEnded{Evidence: swim.Acked, Responder: member("3")}, probe.AnswerIndirectPing{Evidence: swim.WrongTarget, Instance: instanceOf("3")}},
		"another instance": {probe.PingEnded{Evidence: swim.Acked, Responder: restarted}, probe.AnswerIndirectPing{Evidence: swim.WrongTarget, Instance: 99}},
		"a seed's peer":    {probe.PingEnded{Evidence: swim.Acked}, probe.AnswerIndirectPing{Evidence: swim.Acked}},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, members(3)...)
			c.ended.Number = only[probe.Ping](t, n.step(ask("2", time.Second))).Number
			c.want.Call = 9
			if got := only[probe.AnswerIndirectPing](t, n.step(c.ended)); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestAProxyThatCannotTellAnswersNoneAtOnce(t *testing.T) {
	for name, in := range map[string]probe.IndirectPingReceived{
		"an unknown id":      {TargetID: "42", Budget: time.Second},
		"an unknown address": {TargetAddress: "stranger:1", Budget: time.Second},
		"a contact":          {TargetAddress: "late:1", Budget: time.Second},
		"no budget":          {TargetID: "2"},
		"a negative budget":  {TargetID: "2", Budget: -time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, append(members(3), contact("late:1"))...)
			in.Call = 9
			effects := n.step(in)
			if got, want := only[probe.AnswerIndirectPing](t, effects), (probe.AnswerIndirectPing{Call: 9, Evidence: swim.None}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			none[probe.Ping](t, effects, "a stranger's address is not dialled")
		})
	}
}

func TestAProxyThatIsTheTargetAcksWithoutAPing(t *testing.T) {
	for name, in := range map[string]probe.IndirectPingReceived{
		"by id":      {TargetID: me, Budget: time.Second},
		"by address": {TargetAddress: member(me).DetectorAddress, Budget: time.Second},
	} {
		n := startNode(t, members(3)...)
		in.Call = 9
		effects := n.step(in)
		got := only[probe.AnswerIndirectPing](t, effects)
		if want := (probe.AnswerIndirectPing{Call: 9, Evidence: swim.Acked, Instance: instanceOf(me)}); got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
		none[probe.Ping](t, effects, "a node does not ping itself")
	}
}

func TestAProxyThatIsTheTargetDoesNotAckForAnotherInstance(t *testing.T) {
	n := startNode(t, members(3)...)
	got := only[probe.AnswerIndirectPing](t, n.step(probe.IndirectPingReceived{
		Call: 9, TargetID: me, TargetInstance: instanceOf(me) + 1, Budget: time.Second,
	}))
	if got.Evidence == swim.Acked {
		t.Errorf("got %+v, want no ack: another instance is meant", got)
	}
}

func TestALateOutcomeAfterTheNackIsIgnored(t *testing.T) {
	n := startNode(t, members(3)...)
	ping := only[probe.Ping](t, n.step(ask("2", 500*time.Millisecond)))
	only[probe.AnswerIndirectPing](t, n.advance(400*time.Millisecond))
	none[probe.AnswerIndirectPing](t, n.step(ack(ping)), "the nack has been said")
}

func TestPingsForOthersAreBounded(t *testing.T) {
	n := startNode(t, members(3)...)
	pings := 0
	for call := range proxiedCap + 50 {
		effects := n.step(probe.IndirectPingReceived{Call: probe.Call(call), TargetID: "2", Budget: time.Second})
		answers := pick[probe.AnswerIndirectPing](effects)
		pings += len(pick[probe.Ping](effects))
		if call < proxiedCap && len(answers) != 0 {
			t.Fatalf("got %+v for call %d, want it pinged", answers[0], call)
		}
		if call >= proxiedCap && (len(answers) != 1 || answers[0].Evidence != swim.None) {
			t.Fatalf("got %+v for call %d, want evidence none: the limit is reached", answers, call)
		}
	}
	if pings != proxiedCap {
		t.Errorf("got %d pings for others, want %d", pings, proxiedCap)
	}
	answered := map[probe.Call]int{}
	for _, a := range pick[probe.AnswerIndirectPing](n.advance(time.Second)) {
		answered[a.Call]++
	}
	if len(answered) != proxiedCap {
		t.Errorf("got %d calls answered in their budget, want %d", len(answered), proxiedCap)
	}
	if got := pick[probe.Ping](n.step(ask("2", time.Second))); len(got) != 1 {
		t.Errorf("got %d pings after the others ended, want 1", len(got))
	}
}

func TestAPingForSomebodyElseIsNoneOfTheOwnRound(t *testing.T) {
	n := startNode(t, members(4)...)
	own := n.roundAbout("2")
	effects := n.step(ask("2", time.Second))
	for _, p := range pick[probe.Ping](effects) {
		if p.Number == own.Number {
			t.Fatalf("got number %d for both pings, want each its own", p.Number)
		}
		n.step(probe.PingEnded{Number: p.Number, Evidence: swim.Refused})
	}
	n.step(ack(own))
	none[probe.ReportUnreachable](t, n.advance(period-1), "the target acked")
}

func TestATargetThatHasFailedIsStillPingedForOthers(t *testing.T) {
	n := startNode(t, in(member("2"), swim.Failed))
	ping := only[probe.Ping](t, n.step(ask("2", time.Second)))
	if got := only[probe.AnswerIndirectPing](t, n.step(ack(ping))); got.Evidence != swim.Acked {
		t.Errorf("got %s, want acked: the asker's own view decides", got.Evidence)
	}
}
