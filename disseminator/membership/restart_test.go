package membership_test

import (
	"strings"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// formerLife is a record of node 1 that another process of it left behind, far ahead of
// this one's clock.
func formerLife(n *node, state swim.State, changes ...func(*swim.Member)) swim.Member {
	m := n.self()
	m.State, m.Instance = state, m.Instance+1
	m.Incarnation += 1_000_000
	for _, change := range changes {
		change(&m)
	}
	return m
}

func TestAFormerLifeThatIsOverIsOutbid(t *testing.T) {
	for _, state := range []swim.State{swim.Failed, swim.Left, swim.Forgotten} {
		for name, tell := range map[string]func(n *node, m swim.Member){
			"pushed":          func(n *node, m swim.Member) { n.hears(m) },
			"in a summary":    func(n *node, m swim.Member) { n.syncedBy(member("2"), member("2"), m) },
			"in a Join's end": func(n *node, m swim.Member) { endJoin(t, n, member("2"), m) },
			"at a new home":   func(n *node, m swim.Member) { moved(&m); n.hears(m) },
		} {
			t.Run(state.String()+" "+name, func(t *testing.T) {
				n := start(t, bootstrap("2"))
				former := formerLife(n, state)
				tell(n, former)
				if got := n.self(); got.State != swim.Alive || !swim.Supersedes(got, former) {
					t.Errorf("this node is %s at %d, which does not beat %s at %d", got.State, got.Incarnation, state, former.Incarnation)
				}
			})
		}
	}
}

func endJoin(t *testing.T, n *node, members ...swim.Member) []membership.Effect {
	t.Helper()
	join := only[membership.Join](t, n.run(0))
	return n.feed(membership.JoinEnded{Number: join.Number, Members: members})
}

func TestALiveFormerLifeAtTheSameAddressIsOutbidAtOnce(t *testing.T) {
	n := start(t)
	former := formerLife(n, swim.Alive)
	effects := n.hears(former) // this process holds the ports, so the other cannot
	none[membership.Sync](t, effects)
	if got := n.self(); !swim.Supersedes(got, former) {
		t.Errorf("this node is at %d, which does not beat its former life at %d", got.Incarnation, former.Incarnation)
	}
}

func TestALiveFormerLifeElsewhereIsOutbidIfNobodyAnswersThere(t *testing.T) {
	for name, answer := range map[string]func(n *node, ask membership.Sync) []membership.Effect{
		"refused":       (*node).syncRefused,
		"somebody else": func(n *node, ask membership.Sync) []membership.Effect { return n.syncEnded(ask, member("4")) },
	} {
		t.Run(name, func(t *testing.T) {
			n := start(t)
			former := formerLife(n, swim.Alive, moved)
			ask := syncTo(t, n.hears(former), former)
			if got := n.self(); swim.Supersedes(got, former) {
				t.Error("outbid before it was asked")
			}
			effects := answer(n, ask)
			none[membership.Halt](t, effects)
			if got := n.self(); !swim.Supersedes(got, former) {
				t.Errorf("this node is at %d, which does not beat its former life at %d", got.Incarnation, former.Incarnation)
			}
		})
	}
}

func TestAnUnadmittedProcessWhoseIDIsHeldHaltsAndNamesTheHolder(t *testing.T) {
	for _, state := range []swim.State{swim.Alive, swim.Suspect} {
		for _, ahead := range []swim.Incarnation{0, 2_000_000} { // whoever has the higher record
			n := start(t)
			holder := formerLife(n, state, moved)
			holder.Incarnation -= ahead
			effects := n.syncEnded(syncTo(t, n.hears(holder), holder), holder)
			if why := only[membership.Halt](t, effects).Why; !strings.Contains(why, string(holder.DetectorAddress)) || !strings.Contains(why, "NODE_ID") {
				t.Errorf("the reason names neither the holder nor the cure: %q", why)
			}
		}
	}
}

func TestAJoinerIsToldThatItsIDIsHeldAndHalts(t *testing.T) {
	n := start(t, bootstrap("2"))
	join := only[membership.Join](t, n.run(0))
	effects := n.feed(membership.JoinEnded{Number: join.Number, Why: "node id 1 is held at 127.0.0.9:50051", Conflict: true})
	if why := only[membership.Halt](t, effects).Why; !strings.Contains(why, "127.0.0.9:50051") {
		t.Errorf("the reason does not name the holder: %q", why)
	}
}

func TestTheAdmittedHolderOfAnIDIsNotHarmedByAnIntruder(t *testing.T) {
	for _, ahead := range []bool{false, true} {
		n := startKnowing(t, member("2"), member("3"))
		before := n.self()
		intruder := formerLife(n, swim.Alive, moved)
		if !ahead {
			intruder.Incarnation = before.Incarnation - 1_000_000
		}
		effects := n.syncedBy(intruder, intruder, member("2"))
		call, more := n.joins(intruder)
		effects = append(effects, more...)
		refusal := answerTo[membership.AnswerJoin](t, effects, call).Refusal
		if refusal.Kind != membership.RefusedConflict || !strings.Contains(refusal.Text, string(before.DetectorAddress)) {
			t.Errorf("the intruder is answered %+v, want a conflict that names the holder", refusal)
		}
		effects = append(effects, n.reached(intruder)...)
		for _, ask := range syncsTo(effects, intruder) {
			if !ahead { // between two members the lower record goes, and this is no member
				effects = append(effects, n.syncEnded(ask, intruder)...)
			}
		}
		none[membership.Halt](t, effects)
		if got := n.self(); swim.Compare(got, before) != 0 {
			t.Errorf("the row became %+v, want %+v", got, before)
		}
	}
}

func TestBetweenTwoMembersWithOneIDTheLowerRecordGoes(t *testing.T) {
	for _, higher := range []bool{false, true} {
		n := startKnowing(t, member("2"))
		other := formerLife(n, swim.Alive, moved) // admitted elsewhere, behind a partition
		if higher {
			other.Incarnation = n.self().Incarnation - 1
		}
		effects := n.syncEnded(syncTo(t, n.hears(other), other), other)
		if halts := len(of[membership.Halt](effects)) == 1; halts == higher {
			t.Errorf("the process with the higher record: %t; it halts: %t", higher, halts)
		}
	}
}

func TestABootstrapNodeRefusesAJoinerWhoseIDIsHeldByALiveProcess(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	intruder := member("3", at(oldIncarnation+5), ofInstance(31), moved)
	call, effects := n.joins(intruder)
	effects = append(n.syncEnded(syncTo(t, effects, intruder), intruder), n.reached(intruder)...)
	check := syncTo(t, effects, member("3")) // does the old life answer?
	refusal := answerTo[membership.AnswerJoin](t, n.syncEnded(check, member("3")), call).Refusal
	if refusal.Kind != membership.RefusedConflict || !strings.Contains(refusal.Text, string(member("3").DetectorAddress)) {
		t.Errorf("the intruder is answered %+v, want a conflict that names the holder", refusal)
	}
	if got := n.row("3"); got.Instance != member("3").Instance {
		t.Errorf("the holder's row was replaced by instance %s", got.Instance)
	}
}

func TestAMovedMemberIsAdmittedAfterASecondOfSilence(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	n.run(2 * period) // the first comparison of tables is over
	again := member("3", at(oldIncarnation+5), ofInstance(31), moved)
	_, effects := n.joins(again)
	effects = append(n.syncEnded(syncTo(t, effects, again), again), n.reached(again)...)
	n.syncRefused(syncTo(t, effects, member("3")))
	silentFrom := n.now
	effects = n.run(999 * time.Millisecond)
	if len(syncsTo(effects, member("3"))) > 0 || n.row("3").Instance == again.Instance {
		t.Error("not a second of silence was waited for")
	}
	n.syncRefused(syncTo(t, n.run(10*time.Millisecond), member("3")))
	if got := n.row("3"); got.Instance != again.Instance || got.State != swim.Alive {
		t.Errorf("%s after it fell silent, node 3 is %s of instance %s; want its new life alive", n.now-silentFrom, got.State, got.Instance)
	}
}

func TestACheckOfTheOldAddressThatEndsAfterOthersHaveAdmittedTheMemberDoesNotSpin(t *testing.T) {
	again := member("3", at(oldIncarnation+5), ofInstance(31), moved)
	n := start(t, func(cfg *membership.Config) { cfg.Contacts = []swim.Address{again.DetectorAddress} })
	effects := n.hears(member("2"), member("3"))
	for _, sync := range syncsTo(append(effects, n.run(contactPatience)...), again) {
		n.syncEnded(sync, again)
	}
	check := syncTo(t, n.reached(again), member("3"))
	n.hears(again)
	n.syncRefused(check)
	n.run(time.Minute) // fails if the deadline stays in the past
	if got := n.row("3").Instance; got != again.Instance {
		t.Errorf("node 3 is held with instance %s, want %s", got, again.Instance)
	}
}

func TestARestartAtTheSameAddressIsAdmittedAtOnce(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	again := member("3", at(oldIncarnation+5), ofInstance(31))
	call, effects := n.joins(again)
	n.syncEnded(syncTo(t, effects, again), again)
	effects = n.reached(again)
	if got := n.row("3"); got.Instance != again.Instance || n.now != 0 {
		t.Errorf("after %s node 3 is held with instance %s, want %s at once", n.now, got.Instance, again.Instance)
	}
	if got := answerTo[membership.AnswerJoin](t, effects, call).Refusal; got.Kind != 0 {
		t.Errorf("refused: %s", got.Text)
	}
}

func TestARestartWithItsClockSetBackIsAdmittedOnceItHasOutbidItsFormerLife(t *testing.T) {
	for _, state := range []swim.State{swim.Alive, swim.Failed, swim.Left, swim.Forgotten} {
		t.Run(state.String(), func(t *testing.T) {
			joiner := startAs(t, "3")
			former := joiner.self()
			former.State, former.Instance = state, former.Instance+1
			former.Incarnation += 10 * 365 * 24 * 3600 * 1000
			n := startKnowing(t, member("2"))
			n.hears(former)
			meet(t, n, joiner)
			if got, want := n.row("3"), joiner.self(); got.State != swim.Alive || got.Instance != want.Instance {
				t.Errorf("node 3 is %s of instance %s at %d, want instance %s alive", got.State, got.Instance, got.Incarnation, want.Instance)
			}
			if got := joiner.self().Incarnation; got <= former.Incarnation {
				t.Errorf("the joiner is at %d, its former life at %d", got, former.Incarnation)
			}
		})
	}
}

func TestTheFirstIncarnationIsTheClockWithinHonestBounds(t *testing.T) {
	for _, test := range []struct {
		wall time.Time
		want swim.Incarnation
	}{
		{wallStart, swim.Incarnation(wallStart.UnixMilli())},
		{time.Unix(0, 0), swim.FirstIncarnationMin},
		{time.Unix(-1000, 0), swim.FirstIncarnationMin},
		{wallStart.AddDate(100, 0, 0), swim.FirstIncarnationMax},
	} {
		core := membership.New(config("1"), newRand(1), swim.Now{Wall: test.wall})
		if got := core.Snapshot().Self.Incarnation; got != test.want {
			t.Errorf("started at %s with incarnation %d, want %d", test.wall, got, test.want)
		}
	}
}

func TestOfTwoMembersWithOneIDTheLowerRecordGoes(t *testing.T) {
	for name, test := range map[string]struct {
		incarnation func(own swim.Incarnation) swim.Incarnation
		halts       bool
	}{
		"the other is lower":  {func(own swim.Incarnation) swim.Incarnation { return own - 1 }, false},
		"the other is higher": {func(own swim.Incarnation) swim.Incarnation { return own + 1 }, true},
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, member("2"))
			other := member("1", ofInstance(99), moved, at(test.incarnation(n.self().Incarnation)))
			check := syncTo(t, n.hears(other), other)
			effects := n.syncEnded(check, other)
			if got := len(of[membership.Halt](effects)) > 0; got != test.halts {
				t.Errorf("this node halts: %t, want %t", got, test.halts)
			}
			if got := saw(effects, membership.ConflictFound); got == test.halts {
				t.Errorf("it says that there are two: %t", got)
			}
		})
	}
}

func TestANodeWithoutItsDetectorOutbidsItsFormerLifeAllTheSame(t *testing.T) {
	n, _ := detached(t)
	former := n.self()
	former.State, former.Reason, former.Accuser = swim.Alive, swim.Joined, ""
	former.Instance, former.Incarnation = 99, former.Incarnation+1000
	n.hears(former)
	if got := n.self(); got.State != swim.Suspect || got.Reason != swim.DetectorDown || got.Incarnation <= former.Incarnation {
		t.Errorf("this node is %s (%s) at %d, its former life alive at %d", got.State, got.Reason, got.Incarnation, former.Incarnation)
	}
}

func TestAnotherLifeDoesNotVouchForTheOneThatWasMeant(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	n.pushEnded(missed(t, n, "3"), swim.Acked, member("3", at(oldIncarnation-1), ofInstance(31)))
	n.verdict(member("3"))
	n.wantState("3", swim.Suspect)
}
