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

// callBy is a ping of a member's detector, in the life in which it is known.
func callBy(id swim.NodeID) probe.PingReceived {
	return probe.PingReceived{Call: 1, Sender: id, SenderInstance: instanceOf(id), TargetID: me}
}

func TestASuspectThatCallsIsTold(t *testing.T) {
	n := startNode(t, member("2"), member("3"))
	n.change(suspectBy("3", "2"))
	told := only[probe.ReportHeard](t, n.step(callBy("2")))
	if want := suspectBy("3", "2"); told.Suspect.Summary() != want.Summary() {
		t.Errorf("told of %+v, want %+v", told.Suspect, want)
	}
	none[probe.ReportHeard](t, n.step(callBy("2")), "that was told")
	again := suspectBy("3", "2")
	again.Incarnation += 2
	n.change(again)
	only[probe.ReportHeard](t, n.step(callBy("2")))
}

func TestACallThatProvesNothingIsNotTold(t *testing.T) {
	stranger, orphan := callBy("2"), callBy("2")
	stranger.SenderInstance++
	orphan.DisseminatorDown = true
	for name, test := range map[string]struct {
		row swim.Member
		in  probe.PingReceived
	}{
		"it is alive":          {member("2"), callBy("2")},
		"another life":         {suspectBy("3", "2"), stranger},
		"half of the node":     {suspectBy("3", "2"), orphan},
		"somebody else":        {suspectBy("3", "2"), callBy("3")},
		"nobody says who":      {suspectBy("3", "2"), probe.PingReceived{Call: 1}},
		"it has failed":        {in(member("2"), swim.Failed), callBy("2")},
		"it is half already":   {halfDownBy("2"), callBy("2")},
		"a life not known yet": {suspectBy("3", "2"), probe.PingReceived{Call: 1, Sender: "2"}},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, member("2"), member("3"))
			n.change(test.row)
			none[probe.ReportHeard](t, n.step(test.in), "it says nothing about a suspect")
		})
	}
}

func halfDownBy(id swim.NodeID) swim.Member {
	row := in(member(id), swim.Suspect)
	row.Reason, row.Accuser = swim.DetectorDown, id
	return row
}

func TestASuspectThatAProxyReachesIsTold(t *testing.T) {
	n := startNode(t, member("2"), member("3"))
	ping := n.roundAbout("2")
	n.change(suspectBy("3", "2"))
	n.advance(500 * time.Millisecond)
	only[probe.ReportHeard](t, n.step(probe.IndirectPingEnded{Number: ping.Number, Proxy: "3", Evidence: swim.Acked}))
}

func TestASuspectThatAcksInTimeIsTold(t *testing.T) {
	n := startNode(t, member("2"), member("3"))
	ping := n.roundAbout("2")
	n.change(suspectBy("3", "2"))
	told := only[probe.ReportReached](t, n.step(ack(ping)))
	if told.Responder.ID != "2" {
		t.Errorf("got %+v, want that 2 answered", told)
	}
}
