package membership_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

func TestAJoinerIsAnsweredWithTheCurrentTableAndEverybodyHearsOfIt(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"), member("4"))
	n.dies("3")
	call, effects := n.joins(member("0"))
	none[membership.AnswerJoin](t, effects) // before it was met
	n.syncEnded(syncTo(t, effects, member("0")), member("0"))
	effects = n.reached(member("0"))
	list := answerTo[membership.AnswerJoin](t, effects, call).Members
	if got, want := about(list), []swim.NodeID{"1", "0", "2", "3", "4"}; !slices.Equal(got, want) {
		t.Errorf("the list has %v, want %v: the answering node first", got, want)
	}
	for _, m := range list {
		if got, want := m.State == swim.Failed, m.ID == "3"; got != want {
			t.Errorf("member %s is listed as %s", m.ID, m.State)
		}
	}
	if got, want := receivers(pushes(effects)), []swim.NodeID{"2", "4"}; !slices.Equal(got, want) {
		t.Errorf("the newcomer is spread to %v, want %v", got, want)
	}
}

func TestAJoinerIsToldWhichPortCannotBeReached(t *testing.T) {
	joiner := member("6")
	for name, test := range map[string]struct {
		meet func(n *node, sync membership.Sync)
		want swim.Address
	}{
		"its disseminator": {func(n *node, sync membership.Sync) { n.syncRefused(sync); n.reached(joiner) }, joiner.DisseminatorAddress},
		"its detector": {func(n *node, sync membership.Sync) {
			n.syncEnded(sync, joiner)
			n.feed(membership.ContactMissed{Address: joiner.DetectorAddress, Evidence: swim.Refused})
		}, joiner.DetectorAddress},
		"another node's detector": {func(n *node, sync membership.Sync) {
			n.syncEnded(sync, joiner)
			n.feed(membership.ContactReached{Address: joiner.DetectorAddress,
				Responder: member("7", func(m *swim.Member) { m.DisseminatorAddress = joiner.DisseminatorAddress })})
		}, joiner.DetectorAddress},
	} {
		t.Run(name, func(t *testing.T) {
			n := startKnowing(t, member("2"))
			call, effects := n.joins(joiner)
			test.meet(n, syncTo(t, effects, joiner))
			effects = n.run(5 * time.Second) // the joiner waits for six
			refusal := answerTo[membership.AnswerJoin](t, effects, call).Refusal
			wantUnreachable(t, refusal, test.want)
			n.wantState("6", 0)
		})
	}
}

func wantUnreachable(t *testing.T, refusal membership.Refusal, port swim.Address) {
	t.Helper()
	if refusal.Kind != membership.RefusedUnreachable {
		t.Errorf("refused as %d, want RefusedUnreachable", refusal.Kind)
	}
	for _, word := range []string{string(port), "SWIM_ADVERTISE_HOST"} {
		if !strings.Contains(refusal.Text, word) {
			t.Errorf("the refusal does not name %s: %q", word, refusal.Text)
		}
	}
}

func TestAJoinerThatAdvertisesTheBootstrapNodesOwnAddressIsToldSo(t *testing.T) {
	n := startKnowing(t, member("2"))
	self := n.self()
	joiner := member("6", func(m *swim.Member) {
		m.DetectorAddress, m.DisseminatorAddress = self.DetectorAddress, self.DisseminatorAddress
	})
	call, effects := n.joins(joiner) // "localhost" advertised, with the ports of every other node
	for _, sync := range syncsTo(effects, self) {
		effects = append(effects, n.syncEnded(sync, self)...)
	}
	effects = append(effects, n.run(5*time.Second)...)
	wantUnreachable(t, answerTo[membership.AnswerJoin](t, effects, call).Refusal, self.DetectorAddress)
}

func TestAJoinerThatAdvertisesAnotherMembersAddressIsToldSo(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	three := member("3")
	joiner := member("6", func(m *swim.Member) {
		m.DetectorAddress, m.DisseminatorAddress = three.DetectorAddress, three.DisseminatorAddress
	})
	call, effects := n.joins(joiner)
	effects = append(effects, n.syncEnded(syncTo(t, effects, three), three)...)
	effects = append(effects, n.reached(three)...)
	effects = append(effects, n.run(5*time.Second)...)
	wantUnreachable(t, answerTo[membership.AnswerJoin](t, effects, call).Refusal, three.DetectorAddress)
}

func TestAJoinerThatIsAMemberAlreadyIsAnsweredAtOnce(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	call, effects := n.joins(member("3"))
	if got := len(answerTo[membership.AnswerJoin](t, effects, call).Members); got != 3 {
		t.Errorf("the list has %d members, want 3", got)
	}
	none[membership.Disseminate](t, effects)
}

func TestAJoinerOfTheSeedsFamilyIsAnsweredAtOnceAndBecomesAContact(t *testing.T) {
	n := startKnowing(t, member("2"))
	call := n.newCall()
	effects := n.feed(membership.JoinReceived{Call: call, Address: "node6:50056"})
	if got := about(answerTo[membership.AnswerJoin](t, effects, call).Members); !slices.Equal(got, []swim.NodeID{"1", "2"}) {
		t.Errorf("the list has %v, want 1 and 2", got)
	}
	if got := n.core.Snapshot().Contacts; len(got) != 1 || got[0].DetectorAddress != "node6:50056" {
		t.Errorf("the contacts are %+v, want the joiner", got)
	}
}

func TestTwoJoinsOfOneNodeAreBothAnswered(t *testing.T) {
	n := startKnowing(t, member("2"))
	first, effects := n.joins(member("6"))
	second, more := n.joins(member("6"))
	none[membership.Sync](t, more) // one is out already
	n.syncEnded(syncTo(t, effects, member("6")), member("6"))
	effects = n.reached(member("6"))
	for _, call := range []membership.Call{first, second} {
		if got := answerTo[membership.AnswerJoin](t, effects, call).Refusal; got.Kind != 0 {
			t.Errorf("request %d was refused: %s", call, got.Text)
		}
	}
}

func TestAllBootstrapNodesAreAskedAtOnceAndOneSuffices(t *testing.T) {
	n := start(t, bootstrap("2", "3", "4", "1")) // its own address may be among them
	joins := of[membership.Join](n.run(0))
	if len(joins) != 3 {
		t.Fatalf("%d Joins are out, want three", len(joins))
	}
	for _, join := range joins {
		if swim.Compare(join.Member, n.self()) != 0 {
			t.Errorf("%s is told %+v, want this node's row", join.Address, join.Member)
		}
	}
	n.feed(membership.JoinEnded{Number: joins[0].Number, Why: "refused"})
	effects := n.feed(membership.JoinEnded{Number: joins[1].Number, Members: []swim.Member{member("3"), n.self(), member("4")}})
	if !saw(effects, membership.JoinSucceeded) {
		t.Error("nobody was told that the node has joined")
	}
	n.feed(membership.JoinEnded{Number: joins[2].Number, Why: "silent"})
	n.wantState("4", swim.Alive)
	for _, again := range of[membership.Join](n.run(9 * time.Second)) {
		t.Errorf("asked %s again within 10 s, though this node is in", again.Address)
	}
}

// Two groups that have lost sight of each other meet at their bootstrap addresses again.
func TestABootstrapAddressWithoutALiveMemberIsAskedForEver(t *testing.T) {
	n := start(t, bootstrap("3", "4"))
	joins := of[membership.Join](n.run(0))
	n.feed(membership.JoinEnded{Number: joins[0].Number, Members: []swim.Member{member("3"), n.self(), member("5")}})
	n.feed(membership.JoinEnded{Number: joins[1].Number, Why: "silent"})
	asked := func(d time.Duration) (addresses []swim.Address) {
		for end := n.now + d; n.now < end; {
			for _, j := range of[membership.Join](n.run(time.Second)) {
				addresses = append(addresses, j.Address)
				n.feed(membership.JoinEnded{Number: j.Number, Why: "silent"})
			}
		}
		return addresses
	}
	if got := asked(5 * time.Minute); len(got) < 20 || slices.Contains(got, member("3").DisseminatorAddress) {
		t.Errorf("asked %v, want that of 4 alone, again and again: a live member is at that of 3", got)
	}
	n.hearsFrom("3", member("3", as(swim.Left, swim.SaidGoodbye)))
	if got := asked(time.Minute); !slices.Contains(got, member("3").DisseminatorAddress) {
		t.Errorf("asked %v, want that of 3 as well: it has left", got)
	}
}

func TestAnUnreachableBootstrapNodeIsRetriedForEverWithGrowingPausesAndSaid(t *testing.T) {
	n := start(t, bootstrap("2"))
	var at []time.Duration
	for effects := n.run(0); n.now < 10*time.Minute; effects = n.run(100 * time.Millisecond) {
		for _, join := range of[membership.Join](effects) {
			at = append(at, n.now)
			if !saw(n.feed(membership.JoinEnded{Number: join.Number, Why: "connection refused"}), membership.JoinFailed) {
				t.Error("nobody was told that the Join failed")
			}
		}
	}
	if len(at) < 40 || len(at) > 150 {
		t.Fatalf("%d Joins in ten minutes, want about one each 10 s", len(at))
	}
	if first := at[1] - at[0]; first > time.Second {
		t.Errorf("the first pause is %s, want less than a second", first)
	}
	for i := range at[1:] {
		if pause := at[i+1] - at[i]; pause > 16*time.Second {
			t.Errorf("the pause before Join %d is %s", i+2, pause)
		}
	}
}

func TestANodeThatHasLostEverybodyJoinsAgain(t *testing.T) {
	n := startKnowing(t, member("2"))
	none[membership.Join](t, n.run(time.Minute))
	n.hears(member("2", as(swim.Failed, swim.Unreachable)))
	if got := of[membership.Join](n.run(20 * time.Second)); len(got) != 1 {
		t.Errorf("%d Joins within 20 s, want one", len(got))
	}
}

func TestAJoinerIsNotRefusedForTheConflictOfAnotherAtItsAddress(t *testing.T) {
	holder := member("3", ofInstance(30))
	n := startKnowing(t, member("2"), holder)
	intruder := member("3", ofInstance(31), moved, at(oldIncarnation+5))
	joiner := member("6", func(m *swim.Member) {
		m.DetectorAddress, m.DisseminatorAddress = intruder.DetectorAddress, intruder.DisseminatorAddress
	})
	call, effects := n.joins(joiner)
	_, more := n.joins(intruder)
	for _, sync := range syncsTo(append(effects, more...), intruder) {
		n.syncEnded(sync, intruder)
	}
	effects = n.syncEnded(syncTo(t, n.reached(intruder), holder), holder)
	wantUnreachable(t, answerTo[membership.AnswerJoin](t, effects, call).Refusal, intruder.DetectorAddress)
}
