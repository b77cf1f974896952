package probe_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

// silentRound plays a round of the only other member, which nobody answers in time.
func silentRound(n *node) probe.Ping {
	ping := n.nextRound()
	n.advance(ping.Timeout)
	n.step(probe.PingEnded{Number: ping.Number, Evidence: swim.Silent})
	return ping
}

func TestAnAckAfterTheRoundIsToldAsASignOfLife(t *testing.T) {
	n := startNode(t, member("2"))
	ping := silentRound(n)
	n.change(suspectBy(me, "2"))
	n.advance(time.Second)
	effects := n.step(probe.PingEnded{Number: ping.Number, Evidence: swim.Acked, Responder: member("2")})
	told := pick[probe.ReportReached](effects)
	if len(told) != 1 || told[0].Responder.ID != "2" || told[0].Trace != ping.Trace {
		t.Errorf("got %+v, want one report that 2 answered, in the story of its ping", told)
	}
}

func TestALateAnswerThatProvesNothingIsNotTold(t *testing.T) {
	other := member("2")
	other.Instance++
	gone := in(member("2"), swim.Left)
	for name, test := range map[string]struct {
		row swim.Member
		end probe.PingEnded
	}{
		"silence":          {suspectBy(me, "2"), probe.PingEnded{Evidence: swim.Silent}},
		"another life":     {suspectBy(me, "2"), probe.PingEnded{Evidence: swim.Acked, Responder: other}},
		"somebody else":    {suspectBy(me, "2"), probe.PingEnded{Evidence: swim.Acked, Responder: member("3")}},
		"it has left":      {gone, probe.PingEnded{Evidence: swim.Acked, Responder: member("2")}},
		"half of the node": {suspectBy(me, "2"), probe.PingEnded{Evidence: swim.Acked, Responder: member("2"), DisseminatorDown: true}},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, member("2"))
			test.end.Number = silentRound(n).Number
			n.change(test.row)
			if told := pick[probe.ReportReached](n.step(test.end)); len(told) != 0 {
				t.Errorf("got %+v, want no report", told)
			}
		})
	}
}
