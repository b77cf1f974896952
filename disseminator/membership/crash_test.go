package membership_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

func ownAddress(m *swim.Member) { m.OwnAddress = true }

// startWitness is node 1 among others, all of them at addresses of their own.
func startWitness(t *testing.T, count int, changes ...func(*membership.Config)) *node {
	t.Helper()
	on := func(cfg *membership.Config) { cfg.CrashVerdict = true }
	n := start(t, append([]func(*membership.Config){on, bootstrap("2")}, changes...)...)
	join := only[membership.Join](t, n.run(0))
	rows := others(count)
	for i := range rows {
		rows[i].OwnAddress = true
	}
	n.feed(membership.JoinEnded{Number: join.Number, Members: rows})
	n.lease()
	n.attached, n.heard, n.nextLease = true, true, n.now+period/2
	n.run(2 * period)
	return n
}

// crashes is what the own detector has seen of a member.
func (n *node) crashes(id swim.NodeID) []membership.Effect {
	row := n.row(id)
	return n.feed(membership.TargetUnreachable{
		Target: id, Incarnation: row.Incarnation, Instance: row.Instance, CrashSeen: true,
		Paths: []swim.Path{{Evidence: swim.Refused}},
	})
}

// knockEnds ends the one knock among effects.
func (n *node) knockEnds(effects []membership.Effect, evidence swim.Evidence) []membership.Effect {
	n.t.Helper()
	return n.feed(membership.KnockEnded{Number: only[membership.Knock](n.t, effects).Number, Evidence: evidence})
}

// sawCrash is a witness's word.
func (n *node) sawCrash(witness, id swim.NodeID) []membership.Effect {
	found := n.finding(id, false)
	found.CrashSeen = true
	return n.says(witness, found)
}

// wantCrashed fails the test unless the member is failed, at once, as crashed.
func (n *node) wantCrashed(id swim.NodeID) {
	n.t.Helper()
	n.run(100 * time.Millisecond)
	if row := n.row(id); row.State != swim.Failed || row.Reason != swim.Crashed {
		n.t.Errorf("member %s is %s (%s), want failed (crashed)", id, row.State, row.Reason)
	}
}

func (n *node) wantNoCrash(id swim.NodeID) {
	n.t.Helper()
	n.run(period / 2)
	if row := n.row(id); row.State == swim.Failed {
		n.t.Errorf("member %s is failed (%s)", id, row.Reason)
	}
}

// wantAsked fails the test unless the accused is asked.
func wantAsked(t *testing.T, effects []membership.Effect, id swim.NodeID) {
	t.Helper()
	if !slices.ContainsFunc(of[membership.Disseminate](effects), func(d membership.Disseminate) bool { return d.Accusation && d.To.ID == id }) {
		t.Errorf("got %+v, want %s to be asked", effects, id)
	}
}

func TestACrashThatTwoHaveSeenIsAVerdictAtOnce(t *testing.T) {
	n := startWitness(t, 6)
	knock := n.crashes("3")
	if at := only[membership.Knock](t, knock).Address; at != member("3").DisseminatorAddress {
		t.Errorf("it knocks at %s", at)
	}
	effects := n.knockEnds(knock, swim.Refused)
	told := 0
	for _, push := range pushes(effects) {
		for _, c := range push.Confirmations {
			if c.CrashSeen && c.ID == "3" {
				told++
			}
		}
	}
	if told != 4 {
		t.Errorf("%d observers are told, want four", told)
	}
	n.wantState("3", swim.Alive)
	n.sawCrash("4", "3")
	n.wantCrashed("3")
	if row := n.row("3"); row.Accuser != "1" {
		t.Errorf("said by %s, want 1", row.Accuser)
	}
}

func TestTheOrderOfTheEvidenceDoesNotMatter(t *testing.T) {
	n := startWitness(t, 6)
	n.sawCrash("4", "3")
	n.sawCrash("5", "3")
	knock := n.crashes("3")
	n.wantState("3", swim.Alive)
	n.knockEnds(knock, swim.Refused)
	n.wantCrashed("3")
}

func TestAClusterOfTwoNeedsNoWitness(t *testing.T) {
	n := startWitness(t, 1)
	n.knockEnds(n.crashes("2"), swim.Refused)
	n.wantCrashed("2")
}

// The halves of a node need not die together.
func TestTheSecondHalfRefusingCompletesACrash(t *testing.T) {
	for name, half := range map[string]swim.Reason{"the detector was first": swim.DetectorDown, "the disseminator was first": swim.DisseminatorDown} {
		t.Run(name, func(t *testing.T) {
			n := startWitness(t, 6)
			n.sawCrash("4", "3")
			knock := n.crashes("3")
			n.knockEnds(knock, swim.None) // it still takes connections
			down := n.row("3")
			down.State, down.Reason, down.Accuser, down.Incarnation = swim.Suspect, half, "3", down.Incarnation+1
			n.hearsFrom("3", down)
			n.wantState("3", swim.Suspect)
			n.knockEnds(n.run(60*time.Millisecond), swim.Refused)
			n.wantCrashed("3")
		})
	}
}

// What the accused itself says late beats the verdict, and completes nothing.
func TestANewerRecordOfTheSameLifeIsJudgedAnew(t *testing.T) {
	n := startWitness(t, 6)
	n.sawCrash("4", "3")
	n.knockEnds(n.crashes("3"), swim.Refused)
	n.wantCrashed("3")
	down := n.row("3")
	down.State, down.Reason, down.Accuser, down.Incarnation = swim.Suspect, swim.DetectorDown, "3", down.Incarnation+1
	n.hears(down)
	n.wantState("3", swim.Suspect)
	n.knockEnds(n.run(120*time.Millisecond), swim.Refused)
	n.wantCrashed("3")
}

func TestWhatIsNoCrash(t *testing.T) {
	for name, happens := range map[string]func(n *node){
		"nobody else says so":      func(n *node) { n.knockEnds(n.crashes("3"), swim.Refused) },
		"the accused is a witness": func(n *node) { n.knockEnds(n.crashes("3"), swim.Refused); n.sawCrash("3", "3") },
		"a stranger says so":       func(n *node) { n.knockEnds(n.crashes("3"), swim.Refused); n.sawCrash("77", "3") },
		"of another life": func(n *node) {
			n.knockEnds(n.crashes("3"), swim.Refused)
			found := n.finding("3", false)
			found.CrashSeen, found.Instance = true, found.Instance+1
			n.says("4", found)
		},
		"only others say so": func(n *node) { n.sawCrash("4", "3"); n.sawCrash("5", "3"); n.sawCrash("6", "3") },
		"its disseminator takes connections": func(n *node) {
			n.sawCrash("4", "3")
			n.knockEnds(n.crashes("3"), swim.None)
		},
		"its disseminator is silent": func(n *node) {
			n.sawCrash("4", "3")
			n.knockEnds(n.crashes("3"), swim.Silent)
		},
		"it calls after the refusal, and takes connections": func(n *node) {
			n.knockEnds(n.crashes("3"), swim.Refused)
			n.hearsFrom("3")
			n.sawCrash("4", "3")
			n.knockEnds(n.run(60*time.Millisecond), swim.None)
		},
		"it answers with a newer record": func(n *node) {
			n.knockEnds(n.crashes("3"), swim.Refused)
			n.hears(member("3", ownAddress, at(oldIncarnation+1)))
			n.sawCrash("4", "3")
		},
		"it has started anew": func(n *node) {
			knock := n.crashes("3")
			n.hears(member("3", ownAddress, at(oldIncarnation+1), ofInstance(99)))
			n.knockEnds(knock, swim.Refused)
			n.sawCrash("4", "3")
		},
		"this node has stood still since the refusal": func(n *node) {
			n.sawCrash("4", "3")
			knock := n.crashes("3")
			n.stall(period)
			n.feed(membership.Tick{})
			n.knockEnds(knock, swim.Refused)
			n.knockEnds(n.run(60*time.Millisecond), swim.None)
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := startWitness(t, 6)
			happens(n)
			n.wantNoCrash("3")
		})
	}
}

func TestWhatIsAFindingLikeAnyOther(t *testing.T) {
	for name, n := range map[string]*node{
		"the fast path is off": startWitness(t, 6, func(cfg *membership.Config) { cfg.CrashVerdict = false }),
		"another host may refuse in its name": func() *node {
			n := startWitness(t, 6)
			n.hears(member("3", at(oldIncarnation+1)))
			return n
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			n.sawCrash("4", "3")
			effects := n.crashes("3")
			none[membership.Knock](t, effects)
			wantAsked(t, effects, "3")
		})
	}
}

// An incomplete case is treated like any other finding before long.
func TestAnIncompleteCaseIsAnAccusation(t *testing.T) {
	n := startWitness(t, 6)
	n.knockEnds(n.crashes("3"), swim.Refused)
	effects := n.run(251 * time.Millisecond)
	wantAsked(t, effects, "3")
	n.sawCrash("4", "3") // late, but it completes the case
	n.wantCrashed("3")
}

// Of those who can decide the lowest in rank does so first.
func TestOneBroadcastIsEnough(t *testing.T) {
	live := []swim.NodeID{"1", "2", "4", "5", "6", "7"}
	n := startWitness(t, 6)
	n.sawCrash("4", "3")
	decided := n.now
	n.knockEnds(n.crashes("3"), swim.Refused)
	for n.row("3").State == swim.Alive && n.now < decided+period {
		n.run(time.Millisecond)
	}
	want := time.Duration(swim.RankAmong(live, "1", "3")) * 10 * time.Millisecond
	if took := n.now - decided; took != want {
		t.Errorf("it decides after %s, want %s", took, want)
	}
}

func TestTheAnswerToAnOvertakenCallIsBelieved(t *testing.T) {
	n := startKnowing(t, others(3)...)
	n.feed(membership.NewsEnded{Number: 9999, Evidence: swim.Acked, ResponderID: "2", Newer: []swim.Member{member("3", at(oldIncarnation+5))}})
	if got := n.row("3").Incarnation; got != oldIncarnation+5 {
		t.Errorf("3 is at %d, want %d", got, oldIncarnation+5)
	}
}

// One node that cannot reach a member's disseminator is not enough to fail it: the observers
// tell the accused, which refutes.
func TestObserversTellWhoeverIsSaidToHaveLostItsDisseminator(t *testing.T) {
	n := startWitness(t, 3)
	row := n.row("3")
	row.State, row.Reason, row.Accuser = swim.Suspect, swim.DisseminatorDown, "4"
	n.hearsFrom("4", row)
	effects := n.run(200 * time.Millisecond)
	wantAsked(t, effects, "3")
	for _, d := range of[membership.Disseminate](effects) {
		if d.Accusation {
			n.pushEnded(d, swim.Refused)
		}
	}
	n.run(2 * period)
	n.wantState("3", swim.Suspect) // its detector may live: it has the grace
}
