package membership_test

import (
	"testing"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// Incarnations that nobody can have reached: a single forged message must not make a
// number necessary that the others refuse, or that wraps.

func TestAForgedIncarnationOfThisNodeIsRefused(t *testing.T) {
	for name, forge := range map[string]func(*swim.Member){
		"this instance":    func(*swim.Member) {},
		"a former life":    func(m *swim.Member) { m.Instance++ },
		"one that moved":   func(m *swim.Member) { m.Instance++; moved(m) },
		"one that is left": func(m *swim.Member) { m.Instance++; m.State = swim.Left },
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, member("2"))
			before := n.self().Incarnation
			forged := n.self()
			forged.State, forged.Incarnation = swim.Failed, swim.MaxIncarnation
			forge(&forged)
			n.hears(forged)
			n.lease()
			if got := n.self().Incarnation; got > before+1 {
				t.Errorf("the incarnation rose from %d to %d", before, got)
			}
			n.wantState("1", swim.Alive)
		})
	}
}

func TestAForgedFormerLifeDoesNotEvict(t *testing.T) {
	for _, jump := range []swim.Incarnation{
		swim.MaxIncarnationJump - 1, swim.MaxIncarnationJump, swim.MaxIncarnationJump + 1, 1 << 42, 1 << 50, 1 << 62,
	} {
		n := startKnowing(t, member("2"))
		known := n.self() // as the others hold it
		forged := known
		forged.State, forged.Instance, forged.Incarnation = swim.Failed, known.Instance+1, known.Incarnation+jump
		n.hears(forged)
		n.lease()
		wantBelieved(t, n.self(), known)
	}
}

func TestAForgedFailureThatIsBelievedCanBeOutbid(t *testing.T) {
	for _, jump := range []swim.Incarnation{1, swim.MaxIncarnationJump - 1, swim.MaxIncarnationJump, swim.MaxIncarnationJump + 1} {
		n := startKnowing(t, member("2"))
		known := n.self()
		forged := known
		forged.State, forged.Incarnation = swim.Failed, known.Incarnation+jump
		n.hears(forged)
		n.lease()
		wantBelieved(t, n.self(), known)         // by those who did not hear of the forgery
		wantBelieved(t, n.self(), known, forged) // and by those who did
	}
}

// Two forged failures, each plausible after the one before, take an observer further than
// the victim may go at once. It follows in steps.
func TestTwoForgedFailuresDoNotEvict(t *testing.T) {
	victim := startKnowing(t, member("2"))
	forged := renamed(victim.self())
	observer := startKnowing(t, member("2"), forged)
	for range 2 {
		forged.State, forged.Reason = swim.Failed, swim.Unreachable
		forged.Incarnation += swim.MaxIncarnationJump - 1
		observer.hears(forged)
	}
	for range 5 { // the observer shows what it holds, the victim says what it is
		told := observer.row("7")
		told.ID = "1"
		victim.hears(told)
		victim.lease()
		says := renamed(victim.self())
		observer.syncedBy(says, says)
	}
	if got := observer.row("7"); got.State != swim.Alive {
		t.Errorf("the observer holds the victim %s at %d; the victim is at %d", got.State, got.Incarnation, victim.self().Incarnation)
	}
}

// wantBelieved fails the test if a node that has heard these records of node 1, in turn,
// does not believe what node 1 says of itself after that.
func wantBelieved(t *testing.T, says swim.Member, heard ...swim.Member) {
	t.Helper()
	other := startKnowing(t, member("2"))
	for _, m := range heard {
		other.hears(renamed(m))
	}
	other.hears(renamed(says))
	if got := other.row("7"); swim.Compare(got, renamed(says)) != 0 {
		t.Errorf("it says that it is %s at %d, a node that heard of %d before holds it %s at %d",
			says.State, says.Incarnation, heard[len(heard)-1].Incarnation, got.State, got.Incarnation)
	}
}

// renamed turns the record of node 1 into one of node 7, which another core can hold.
func renamed(m swim.Member) swim.Member {
	m.ID = "7"
	return m
}

func TestAForgedRecordOfAnUnknownMemberDoesNotBarIt(t *testing.T) {
	for _, state := range []swim.State{swim.Alive, swim.Failed} {
		n := startKnowing(t, member("2"))
		n.hears(member("3", as(state, swim.Unreachable), at(swim.MaxIncarnation), ofInstance(31)))
		clock := swim.Incarnation(wallStart.UnixMilli())
		joiner := startAs(t, "3", at(clock))
		meet(t, n, joiner)
		if got, want := n.row("3"), joiner.self(); got.State != swim.Alive || got.Instance != want.Instance {
			t.Errorf("after a forged %s record, node 3 is %s at %d of instance %s; want its real life alive", state, got.State, got.Incarnation, got.Instance)
		}
	}
}

func TestANodeThatStartedWithItsClockAtTheEpochIsBelievedAfterItHasOutbidItsFormerLife(t *testing.T) {
	early := member("3", at(5000)) // admitted here, before it heard of its former life
	n := startKnowing(t, member("2"), early)
	late := early
	late.Incarnation = swim.Incarnation(wallStart.UnixMilli()) + 1
	n.syncedBy(late, late) // said by itself
	if got := n.row("3"); swim.Compare(got, late) != 0 {
		t.Errorf("node 3 is held at %d, it says itself that it is at %d", got.Incarnation, late.Incarnation)
	}
}

func TestIncarnationsDoNotWrap(t *testing.T) {
	n := startKnowing(t, member("2"))
	for range 200 {
		accused := n.self()
		accused.State, accused.Incarnation = swim.Failed, min(accused.Incarnation+swim.MaxIncarnationJump, swim.MaxIncarnation)
		n.hears(accused)
		before := n.self()
		n.lease()
		if got := n.self(); swim.Supersedes(before, got) || got.Incarnation > swim.MaxIncarnation {
			t.Fatalf("the incarnation went from %d to %d", before.Incarnation, got.Incarnation)
		}
	}
}

// Lies that could be true make their subject outbid them, again and again. Whoever has not
// heard of it meanwhile must be able to follow, if the subject itself says so.
func TestWhatAMemberItselfSaysWhenItIsDialledMayJumpFar(t *testing.T) {
	far := member("2", at(oldIncarnation+3*swim.MaxIncarnationJump))
	n := startKnowing(t, member("2"), member("3"))
	n.syncedBy(member("3"), far)
	if got := n.row("2").Incarnation; got != oldIncarnation {
		t.Fatalf("hearsay raised it to %d", got)
	}
	sync := only[membership.Sync](t, n.feed(membership.ViewsDiffer{Peer: "2"}))
	n.syncEnded(sync, far)
	if got := n.row("2").Incarnation; got != far.Incarnation {
		t.Errorf("it is at %d, want %d: it says so itself, at its own address", got, far.Incarnation)
	}
}

func TestWhatAMemberAnswersOfItselfMayJumpFar(t *testing.T) {
	far := member("2", as(swim.Failed, swim.DetectorDown), accusedBy("2"), at(oldIncarnation+3*swim.MaxIncarnationJump))
	for name, test := range map[string]struct {
		responder swim.NodeID
		want      swim.State
	}{"it answers": {"2", swim.Failed}, "somebody answers": {"", swim.Alive}} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, others(4)...)
			asked := missed(t, n, "2")
			n.feed(membership.NewsEnded{
				Number: asked.Number, Evidence: swim.Acked, Newer: []swim.Member{far}, ResponderID: test.responder, ResponderInstance: 20,
			})
			n.wantState("2", test.want)
		})
	}
}
