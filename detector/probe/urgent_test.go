package probe_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

// suspectBy is a member that somebody accuses.
func suspectBy(accuser, id swim.NodeID) swim.Member {
	m := in(member(id), swim.Suspect)
	m.Reason, m.Accuser = swim.Unreachable, accuser
	return m
}

// urgentPings are those that are neither a round's nor a contact's.
func urgentPings(effects []probe.Effect) (pings []probe.Ping) {
	for _, p := range targetPings(effects) {
		if p.Timeout != period*95/100 {
			pings = append(pings, p)
		}
	}
	return pings
}

// asWitness starts node id among nine, and lets it hear that 2 is suspect.
func asWitness(t *testing.T, id, accuser swim.NodeID) (*node, []probe.Effect) {
	cfg := config()
	cfg.Self = id
	n := newNode(t, cfg, 1)
	n.step(probe.ViewReplaced{Members: append(members(8), member(me))})
	return n, n.change(suspectBy(accuser, "2"))
}

func TestTheRankedObserversPingASuspectOneAfterAnother(t *testing.T) {
	live := []swim.NodeID{"2", "3", "4", "5", "6", "7", "8", "9"} // the accuser, 1, has seen for itself
	looked := 0
	for _, id := range live[1:] {
		n, effects := asWitness(t, id, "1")
		rank := swim.RankAmong(live, id, "2")
		heard := n.now.Mono
		for at := range time.Duration(100) {
			for _, p := range urgentPings(effects) {
				looked++
				if want := time.Duration(rank) * 10 * time.Millisecond; p.Target != "2" || n.now.Mono-heard != want || rank > 3 {
					t.Errorf("node %s of rank %d pinged %s after %s, want %s", id, rank, p.Target, n.now.Mono-heard, want)
				}
			}
			effects = n.advance((at+1)*time.Millisecond + heard - n.now.Mono)
		}
	}
	if looked != 4 {
		t.Errorf("%d of seven looked, want four", looked)
	}
}

func TestWhoHasSeenForItselfDoesNotLookAgain(t *testing.T) {
	n := startNode(t, members(3)...)
	n.change(suspectBy(me, "2"))
	if got := urgentPings(n.advance(100 * time.Millisecond)); len(got) > 0 {
		t.Errorf("got %+v of a suspect that this node accuses itself", got)
	}
}

func TestAMemberWhoseDetectorIsDownIsNotLookedAt(t *testing.T) {
	n := startNode(t, members(3)...)
	m := suspectBy("2", "2")
	m.Reason = swim.DetectorDown
	n.change(m)
	if got := urgentPings(n.advance(100 * time.Millisecond)); len(got) > 0 {
		t.Errorf("got %+v", got)
	}
}

func TestTheDisseminatorsRequestIsDoneAtOnce(t *testing.T) {
	n := startNode(t, members(3)...)
	pings := urgentPings(n.step(probe.HeartbeatReceived{ProbeRequested: "3"}))
	if len(pings) != 1 || pings[0].Target != "3" || pings[0].Timeout > 300*time.Millisecond {
		t.Fatalf("got %+v, want one ping of 3 that ends within 300 ms", pings)
	}
	for _, id := range []swim.NodeID{me, "99"} {
		if got := urgentPings(n.step(probe.HeartbeatReceived{ProbeRequested: id})); len(got) > 0 {
			t.Errorf("got %+v for a request about %s", got, id)
		}
	}
}

func TestWhatAnUrgentPingFindsIsReported(t *testing.T) {
	ask := func() (*node, probe.Ping) {
		n := startNode(t, members(3)...)
		return n, urgentPings(n.step(probe.HeartbeatReceived{ProbeRequested: "3"}))[0]
	}
	t.Run("an ack", func(t *testing.T) {
		n, ping := ask()
		if got := only[probe.ReportReached](t, n.step(ack(ping))); got.Responder.ID != "3" || got.Trace != ping.Trace {
			t.Errorf("got %+v", got)
		}
	})
	for _, evidence := range []swim.Evidence{swim.Silent, swim.Refused} {
		t.Run(evidence.String(), func(t *testing.T) {
			n, ping := ask()
			got := only[probe.ReportUnreachable](t, n.step(probe.PingEnded{Number: ping.Number, Evidence: evidence}))
			if got.Target.ID != "3" || len(got.Paths) != 1 || got.Paths[0] != (swim.Path{Evidence: evidence}) {
				t.Errorf("got %+v", got)
			}
		})
	}
	t.Run("nothing was learned", func(t *testing.T) {
		n, ping := ask()
		none[probe.ReportUnreachable](t, n.step(probe.PingEnded{Number: ping.Number, Evidence: swim.None}), "it proves nothing")
	})
	t.Run("another life answers", func(t *testing.T) {
		n, ping := ask()
		got := only[probe.ReportReached](t, n.step(probe.PingEnded{Number: ping.Number, Evidence: swim.Acked, Responder: swim.Member{ID: "3", Instance: 99}}))
		if got.Responder.Instance != 99 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("its disseminator is down", func(t *testing.T) {
		n, ping := ask()
		answer := ack(ping)
		answer.DisseminatorDown = true
		got := only[probe.ReportUnreachable](t, n.step(answer))
		if len(got.Paths) != 1 || got.Paths[0].Evidence != swim.HalfDown {
			t.Errorf("got %+v", got)
		}
	})
}

func TestAnUrgentPingIsVoidOnceItsQuestionIs(t *testing.T) {
	newer := member("3")
	newer.Incarnation++
	for name, meanwhile := range map[string]func(n *node){
		"the member has refuted":    func(n *node) { n.change(newer) },
		"it has failed":             func(n *node) { n.change(in(member("3"), swim.Failed)) },
		"this process stood still":  func(n *node) { n.stall(3 * period); n.step(probe.Tick{}) },
		"the disseminator is gone":  func(n *node) { n.step(probe.DisseminatorLost{Why: "reset"}) },
		"this process was stopping": func(n *node) { n.step(probe.Stopping{}) },
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, members(3)...)
			ping := urgentPings(n.step(probe.HeartbeatReceived{ProbeRequested: "3"}))[0]
			meanwhile(n)
			effects := n.step(unanswered(ping))
			for _, r := range pick[probe.ReportUnreachable](effects) {
				if r.Trace == ping.Trace {
					t.Errorf("got %+v", r)
				}
			}
		})
	}
}

func TestAMissedAckIsReportedWhileTheProxiesAreAsked(t *testing.T) {
	n := startNode(t, members(4)...)
	ping := n.nextRound()
	effects := n.advance(timeout)
	if got := only[probe.ReportPingMissed](t, effects); got.Target.ID != ping.Target || got.Trace != ping.Trace {
		t.Errorf("got %+v, want it about %s", got, ping.Target)
	}
	none[probe.ReportPingMissed](t, n.advance(rest), "once is enough")
}

func TestAMemberOfWhichAHalfIsDownIsPingedAndNotAccused(t *testing.T) {
	m := in(member("2"), swim.Suspect)
	m.Reason, m.Accuser = swim.DetectorDown, "2"
	n := startNode(t, m)
	n.world = dead
	effects := n.advance(3 * period)
	if len(rounds(effects)) == 0 {
		t.Error("it is not pinged in its turn")
	}
	none[probe.ReportPingMissed](t, effects, "everybody knows")
	none[probe.ReportUnreachable](t, effects, "everybody knows")
}
