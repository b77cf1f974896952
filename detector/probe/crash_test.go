package probe_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

const wire = probe.ConnectionNumber(1000) // on which 2 has answered

// acquainted is a node that has met 2, one of these members, on the connection wire.
func acquainted(t *testing.T, others ...swim.Member) *node {
	n := startNode(t, others...)
	n.advance(200 * time.Millisecond) // the other warm members are met
	n.world = healthy()
	n.step(ackOn(n.roundAbout("2"), wire))
	n.advance(5 * time.Millisecond) // all answers are in
	return n
}

// closes has 2 close that connection.
func (n *node) closes() []probe.Effect {
	return n.step(probe.ConnectionClosed{Connection: wire, ByPeer: true})
}

// knocks advances to the next knock.
func (n *node) knocks() probe.Knock {
	n.t.Helper()
	for until := n.now.Mono + 300*time.Millisecond; ; {
		effects, ok := n.next(until)
		if !ok {
			n.t.Fatalf("got no knock, want one")
		}
		if knocks := pick[probe.Knock](effects); len(knocks) > 0 {
			return knocks[0]
		}
	}
}

func (n *node) knocked(k probe.Knock, evidence swim.Evidence) []probe.Effect {
	return n.step(probe.KnockEnded{Number: k.Number, Evidence: evidence})
}

func TestAClosedConnectionAndTwoRefusalsAreACrash(t *testing.T) {
	n := acquainted(t, members(3)...)
	closed := n.now.Mono
	lost := told(t, n.closes(), probe.ConnectionLost)
	first := n.knocks()
	if first.Address != member("2").DetectorAddress {
		t.Errorf("it knocks at %s", first.Address)
	}
	refused := n.now.Mono
	none[probe.ReportUnreachable](t, n.knocked(first, swim.Refused), "one refusal is not enough")
	second := n.knocks()
	if n.now.Mono-refused < 25*time.Millisecond {
		t.Errorf("the second knock comes %s after the first", n.now.Mono-refused)
	}
	report := only[probe.ReportUnreachable](t, n.knocked(second, swim.Refused))
	if !report.CrashSeen || report.Target.ID != "2" || report.Trace != lost.Trace || report.Trace == (swim.TraceID{}) {
		t.Errorf("got %+v, want the crash of 2, in the story of its connection", report)
	}
	if n.now.Mono-closed > 100*time.Millisecond {
		t.Errorf("it took %s", n.now.Mono-closed)
	}
}

// A process that is dying still takes a connection, and resets it then.
func TestAKnockThatIsTakenIsRepeated(t *testing.T) {
	n := acquainted(t, members(3)...)
	n.closes()
	n.knocked(n.knocks(), swim.None)
	n.knocked(n.knocks(), swim.Refused)
	if report := only[probe.ReportUnreachable](t, n.knocked(n.knocks(), swim.Refused)); !report.CrashSeen {
		t.Errorf("got %+v, want a crash", report)
	}
}

func TestNoCrashIsSeen(t *testing.T) {
	for name, happens := range map[string]func(n *node){
		"a connection on which nobody has answered": func(n *node) { n.step(probe.ConnectionClosed{Connection: wire + 1, ByPeer: true}) },
		"it was not the peer that closed it":        func(n *node) { n.step(probe.ConnectionClosed{Connection: wire}) },
		"a fresh connection is taken": func(n *node) {
			n.closes()
			for range 5 {
				n.knocked(n.knocks(), swim.None)
			}
		},
		"nobody says anything": func(n *node) { n.closes(); n.knocked(n.knocks(), swim.Silent) },
		"it calls after the first refusal": func(n *node) {
			n.closes()
			n.knocked(n.knocks(), swim.Refused)
			n.step(probe.PingReceived{Call: 1, Sender: "2", SenderInstance: instanceOf("2")})
			n.knocked(n.knocks(), swim.Refused)
			n.knocked(n.knocks(), swim.None)
		},
		"it is known to have started anew": func(n *node) {
			n.closes()
			m := member("2")
			m.Instance, m.Incarnation = 99, 8
			n.knocked(n.knocks(), swim.Refused)
			n.change(m)
		},
		"it has left": func(n *node) { n.closes(); n.change(in(member("2"), swim.Left)) },
		"this process was stalled since a refusal": func(n *node) {
			n.closes()
			n.knocked(n.knocks(), swim.Refused)
			n.stall(period)
			n.step(probe.Tick{})
			n.knocked(n.knocks(), swim.Refused)
			n.knocked(n.knocks(), swim.Silent)
		},
		"this process is stopping":        func(n *node) { n.step(probe.Stopping{}); n.closes() },
		"the own disseminator is not up":  func(n *node) { n.step(probe.DisseminatorLost{Why: "gone"}); n.closes() },
		"the answer to a knock of no one": func(n *node) { n.closes(); n.step(probe.KnockEnded{Number: 12345, Evidence: swim.Refused}) },
	} {
		t.Run(name, func(t *testing.T) {
			n := acquainted(t, members(3)...)
			var seen []probe.Effect
			n.after = func(_ probe.Input, effects []probe.Effect) { seen = append(seen, effects...) }
			happens(n)
			n.advance(3 * period)
			for _, r := range pick[probe.ReportUnreachable](seen) {
				if r.CrashSeen {
					t.Errorf("got %+v, want none", r)
				}
			}
		})
	}
}

func TestAHintBringsTheTurnForward(t *testing.T) {
	for name, hint := range map[string]func(n *node){
		"the peer goes away":          func(n *node) { n.step(probe.ConnectionClosed{Connection: wire}) },
		"a fresh connection is taken": func(n *node) { n.closes(); n.knocked(n.knocks(), swim.None) },
		"nobody says anything":        func(n *node) { n.closes(); n.knocked(n.knocks(), swim.Silent) },
	} {
		t.Run(name, func(t *testing.T) {
			n := acquainted(t, members(9)...)
			var pings []probe.Ping
			n.after = func(_ probe.Input, effects []probe.Effect) { pings = append(pings, rounds(effects)...) }
			hint(n)
			if len(pings) != 1 || pings[0].Target != "2" {
				t.Errorf("got %v, want a ping of 2 at once", targets(asEffects(pings)))
			}
		})
	}
}

// A peer that closes every connection costs one look a period.
func TestAFloodOfHintsCostsLittle(t *testing.T) {
	n := acquainted(t, members(9)...)
	connection := wire
	n.world = func(e probe.Effect) (time.Duration, probe.Input) {
		if k, is := e.(probe.Knock); is {
			return latency, probe.KnockEnded{Number: k.Number, Evidence: swim.None}
		}
		return healthy()(e)
	}
	pings := 0
	for range 1000 {
		n.step(probe.ConnectionClosed{Connection: connection, ByPeer: true})
		for _, p := range rounds(n.advance(10 * time.Millisecond)) {
			if p.Target == "2" {
				pings++
				connection++
				n.step(ackOn(p, connection))
			}
		}
	}
	if pings > 15 {
		t.Errorf("2 is pinged %d times in ten periods", pings)
	}
}

// The first two of a member's observers look at once, since two have to see the same.
func TestLaterObserversLeaveItToTheFirst(t *testing.T) {
	live := []swim.NodeID{"1", "3", "4", "5", "6", "7", "8", "9"}
	for _, id := range live {
		cfg := config()
		cfg.Self = id
		n := newNode(t, cfg, 1)
		n.step(probe.ViewReplaced{Members: append(members(8), member(me))})
		n.advance(200 * time.Millisecond)
		n.world = healthy()
		n.step(ackOn(n.roundAbout("2"), wire))
		n.advance(5 * time.Millisecond)
		closed := n.now.Mono
		n.closes()
		n.knocks()
		want := 3 * time.Millisecond
		if rank := swim.RankAmong(live, id, "2"); rank >= 2 {
			want += time.Duration(rank) * 10 * time.Millisecond
		}
		if got := n.now.Mono - closed; got != want {
			t.Errorf("node %s looks after %s, want %s", id, got, want)
		}
	}
}

func TestACrashIsSeenOfANodeWithHalfDown(t *testing.T) {
	for _, why := range []swim.Reason{swim.DetectorDown, swim.DisseminatorDown} {
		n := acquainted(t, members(3)...)
		n.world = healthy("2")
		n.closes()
		n.knocked(n.knocks(), swim.Refused)
		row := in(member("2"), swim.Suspect)
		row.Reason, row.Accuser, row.Incarnation = why, "2", 8
		n.change(row)
		report := only[probe.ReportUnreachable](t, n.knocked(n.knocks(), swim.Refused))
		if !report.CrashSeen || report.Target.Incarnation != 8 {
			t.Errorf("got %+v, want the crash of the row as it stands", report)
		}
	}
}
