package membership_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// contactPatience is longer than any pause between two tries to meet a contact.
const contactPatience = 16 * time.Second

func TestAContactIsAMemberOnceBothItsPortsWereMetAsOneNode(t *testing.T) {
	three := member("3")
	t.Run("the detector first", func(t *testing.T) {
		n := start(t, contacts("3"))
		sync := syncTo(t, n.reached(three), three)
		n.wantState("3", 0)
		wantAdmitted(t, n, n.syncEnded(sync, three))
	})
	t.Run("the disseminator first", func(t *testing.T) {
		n := start(t, contacts("3"))
		sync := syncTo(t, n.run(0), three)
		n.syncEnded(sync, three)
		n.wantState("3", 0)
		wantAdmitted(t, n, n.reached(three))
	})
}

func wantAdmitted(t *testing.T, n *node, effects []membership.Effect) {
	t.Helper()
	n.wantState("3", swim.Alive)
	if !saw(effects, membership.ContactMet) {
		t.Error("nobody was told that the contact was met")
	}
	if got := n.core.Snapshot().Contacts; len(got) != 0 {
		t.Errorf("still listed as a contact: %+v", got)
	}
}

func TestPortsThatDoNotSayTheSameMakeNoMember(t *testing.T) {
	three := member("3")
	for name, says := range map[string]struct{ detector, disseminator swim.Member }{
		"another node at the disseminator's port":     {three, member("4")},
		"another instance at the disseminator's port": {three, member("3", ofInstance(31))},
		"nobody at the disseminator's port":           {three, swim.Member{}},
		"nobody at the detector's port":               {swim.Member{}, three},
		"a node that has left":                        {three, member("3", as(swim.Left, swim.SaidGoodbye))},
	} {
		t.Run(name, func(t *testing.T) {
			n := start(t, contacts("3"))
			for range 5 {
				if says.detector.ID != "" {
					n.reached(says.detector)
				} else {
					n.feed(membership.ContactMissed{Address: three.DetectorAddress, Evidence: swim.Refused})
				}
				for _, sync := range of[membership.Sync](n.run(contactPatience)) {
					if says.disseminator.ID != "" {
						n.syncEnded(sync, says.disseminator)
					} else {
						n.syncRefused(sync)
					}
				}
			}
			if got := n.core.Snapshot().Members; len(got) != 1 {
				t.Errorf("the members are %v, want only node 1", about(got))
			}
		})
	}
}

func TestADetectorThatHasNotMetItsDisseminatorMakesNoMember(t *testing.T) {
	n := start(t, contacts("3"))
	effects := n.feed(membership.ContactReached{Address: member("3").DetectorAddress})
	n.syncEnded(syncTo(t, effects, member("3")), member("3"))
	n.wantState("3", 0)
}

func TestTheDisseminatorsPortIsLearnedFromTheDetector(t *testing.T) {
	n := start(t, contacts("3"))
	elsewhere := member("3", func(m *swim.Member) { m.DisseminatorAddress = "127.0.0.3:7000" })
	n.syncRefused(syncTo(t, n.run(0), member("3"))) // the guess
	sync := syncTo(t, n.reached(elsewhere), elsewhere)
	wantAdmitted(t, n, n.syncEnded(sync, elsewhere))
}

func TestAContactIsTriedForEverAndNeverFailedForBeingLate(t *testing.T) {
	n := start(t, contacts("3"))
	var last time.Duration
	tries := 0
	for n.now < 10*time.Minute {
		effects := n.feed(membership.ContactMissed{Address: member("3").DetectorAddress, Evidence: swim.Refused})
		for _, sync := range syncsTo(append(effects, n.run(period)...), member("3")) {
			last, tries = n.now, tries+1
			n.syncRefused(sync)
		}
		if n.now-last > contactPatience+period {
			t.Fatalf("at %s the last try is %s ago", n.now, n.now-last)
		}
		n.wantState("3", 0)
	}
	if tries > 200 {
		t.Errorf("%d tries in ten minutes: the pause between them does not grow", tries)
	}
	if got := n.core.Snapshot().Contacts; len(got) != 1 {
		t.Errorf("%d contacts are listed, want one", len(got))
	}
}

func TestThisNodesOwnAddressAmongTheContactsIsDropped(t *testing.T) {
	n := start(t, contacts("1", "3"))
	n.syncEnded(syncTo(t, n.run(0), member("1")), n.self())
	if got := n.core.Snapshot().Contacts; len(got) != 1 || got[0].DetectorAddress != member("3").DetectorAddress {
		t.Errorf("the contacts are %+v, want node 3's address alone", got)
	}
}

func TestAnUnmetNodeThatSyncsBecomesAContactAndIsLetGoIfNobodyMeetsIt(t *testing.T) {
	n := start(t)
	n.syncedBy(member("3"), member("3"))
	if got := n.core.Snapshot().Contacts; len(got) != 1 {
		t.Fatalf("%d contacts are listed, want one", len(got))
	}
	n.wantState("3", 0)
	n.run(time.Minute)
	if got := n.core.Snapshot().Contacts; len(got) != 0 {
		t.Errorf("a contact that nobody could meet is still listed: %+v", got)
	}
}

func TestIntroducedContactsAreBounded(t *testing.T) {
	const bound, perHost = 512, 128
	n := start(t, contacts("3"))
	for i := range bound + 50 {
		stranger := member("5", func(m *swim.Member) {
			host := fmt.Sprintf("10.0.0.%d", i/perHost)
			m.DetectorAddress, m.DisseminatorAddress = address(host, 1000+i), address(host, 2000+i)
		})
		effects := n.syncedBy(stranger, stranger)
		if refused := saw(effects, membership.ContactRefused); refused != (i >= bound) {
			t.Fatalf("contact %d was refused: %t", i+1, refused)
		}
	}
	if got, want := len(n.core.Snapshot().Contacts), bound+1; got != want {
		t.Errorf("%d contacts are listed, want %d and the static one", got, want)
	}
	call, effects := n.joins(member("6"))
	if got := answerTo[membership.AnswerJoin](t, effects, call).Refusal.Kind; got != membership.RefusedFull {
		t.Errorf("a joiner beyond the bound is refused as %d, want RefusedFull", got)
	}
}

func TestOneHostDoesNotKeepTheOthersOut(t *testing.T) {
	n := start(t)
	refused := 0
	for i := range 200 {
		stranger := member("5", func(m *swim.Member) {
			m.DetectorAddress, m.DisseminatorAddress = address("10.0.0.1", 1000+i), address("10.0.0.1", 2000+i)
		})
		if saw(n.syncedBy(stranger, stranger), membership.ContactRefused) {
			refused++
		}
	}
	if refused != 200-128 {
		t.Errorf("%d of 200 contacts at one host were refused, want all but 128", refused)
	}
	if _, effects := n.joins(member("6")); saw(effects, membership.ContactRefused) {
		t.Error("a joiner at another host was refused")
	}
}

func TestAMetContactIsNotListedAgainByALateAnswer(t *testing.T) {
	n := start(t, contacts("3"))
	late := syncTo(t, n.run(0), member("3"))
	n.hears(member("3")) // another node has met it first
	for _, change := range published(n.syncEnded(late, member("3"))) {
		if change.Member.State == swim.Contact && !change.Removed {
			t.Error("the contact is listed again, although it is a live member")
		}
	}
}

func TestAFailedStaticMemberIsTriedAgain(t *testing.T) {
	n := start(t, contacts("3"))
	n.syncEnded(syncTo(t, n.reached(member("3")), member("3")), member("3"))
	n.dies("3")
	n.wantState("3", swim.Failed)
	again := member("3", at(oldIncarnation+1), ofInstance(31))
	for _, sync := range syncsTo(n.run(contactPatience), again) {
		n.syncEnded(sync, again)
	}
	n.reached(again)
	if got := n.row("3"); got.State != swim.Alive || got.Instance != again.Instance {
		t.Errorf("node 3 is %s of instance %s, want its new life alive", got.State, got.Instance)
	}
}

func TestALateAnswerDoesNotListAContactAgainThatWasDropped(t *testing.T) {
	n := start(t, contacts("3"))
	n.syncEnded(syncTo(t, n.reached(member("3")), member("3")), member("3"))
	effects := n.hears(member("3", as(swim.Failed, swim.Unreachable)))
	effects = append(effects, n.run(contactPatience)...)
	late := syncsTo(effects, member("3"))
	n.feed(membership.ContactReached{Address: member("3").DetectorAddress, Responder: n.self()}) // now it is our own
	if got := n.core.Snapshot().Contacts; len(got) > 0 {
		t.Fatalf("this node's own address is still a contact: %+v", got)
	}
	listed := 0
	for _, sync := range late {
		for _, change := range published(n.syncEnded(sync, member("3", at(oldIncarnation+1), ofInstance(31)))) {
			switch {
			case change.Member.State != swim.Contact:
			case change.Removed:
				listed--
			default:
				listed++
			}
		}
	}
	if got := len(n.core.Snapshot().Contacts); got != listed {
		t.Errorf("watchers hear of %d contacts, the snapshot has %d", listed, got)
	}
}

func TestAContactByAnotherNameIsMetAtOnceWhenItsNodeIsAdmitted(t *testing.T) {
	five := member("5")
	otherName := swim.Address("localhost:" + strings.Split(string(five.DetectorAddress), ":")[1])
	n := start(t, func(cfg *membership.Config) { cfg.Contacts = []swim.Address{otherName} })
	first := only[membership.Sync](t, n.run(0)) // nobody is there yet; it stays out
	n.run(time.Second)
	effects := n.hears(five)
	again := only[membership.Sync](t, effects)
	n.syncRefused(first) // the outcome of before
	n.syncEnded(again, five)
	if got := n.core.Snapshot().Contacts; len(got) > 0 {
		t.Errorf("still listed as a contact: %+v", got)
	}
}
