package membership_test

import (
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

func forget(n *node, id swim.NodeID) (membership.Call, []membership.Effect) {
	call := n.newCall()
	return call, n.feed(membership.ForgetRequested{Call: call, ID: id})
}

func TestAFailedOrLeftMemberCanBeForgottenEverywhere(t *testing.T) {
	for _, state := range []swim.State{swim.Failed, swim.Left} {
		t.Run(state.String(), func(t *testing.T) {
			n := startKnowing(t, member("2"))
			n.hears(member("3", as(state, swim.Unreachable)))
			call, effects := forget(n, "3")
			if got := answerTo[membership.AnswerOperator](t, effects, call).Refusal; got.Kind != 0 {
				t.Fatalf("refused: %s", got.Text)
			}
			n.wantState("3", 0) // not listed any more
			if got := published(effects); len(got) != 1 || !got[0].Removed || got[0].Previous != state {
				t.Errorf("watchers hear %+v, want that the row is gone", got)
			}
			push := only[membership.Disseminate](t, effects)
			if m := push.Members[0]; push.To.ID != "2" || m.State != swim.Forgotten || m.Accuser != "1" {
				t.Errorf("node %s is told %+v, want 2 told that 1 has forgotten 3", push.To.ID, m)
			}
		})
	}
}

func TestAForgottenMemberIsNotBroughtBackButMayReturn(t *testing.T) {
	failed := member("3", as(swim.Failed, swim.Unreachable))
	n := startKnowing(t, member("2"), failed)
	forget(n, "3")
	n.hears(failed, member("3"), member("3", as(swim.Left, swim.SaidGoodbye)))
	n.wantState("3", 0)
	answer := only[membership.AnswerSync](t, n.syncedBy(member("2"), member("2"), failed))
	if len(answer.Newer) != 1 || answer.Newer[0].State != swim.Forgotten || len(answer.Wanted) > 0 {
		t.Errorf("a peer that still holds it is answered %+v, want the tombstone", answer)
	}
	for _, sync := range of[membership.Sync](n.run(5 * time.Minute)) {
		if sync.ID == "3" {
			t.Fatal("a forgotten member is still tried")
		}
	}
	n.hears(member("3", at(oldIncarnation+1), ofInstance(31)))
	n.wantState("3", swim.Alive)
}

func TestForgettingIsRefusedForTheLiveAndTheUnknown(t *testing.T) {
	n := startKnowing(t, member("2"), member("3", as(swim.Suspect, swim.Unreachable)), member("4", as(swim.Failed, swim.Unreachable)))
	forget(n, "4")
	for id, want := range map[swim.NodeID]membership.RefusalKind{
		"1": membership.RefusedLive, "2": membership.RefusedLive, "3": membership.RefusedLive,
		"4": membership.RefusedUnknown, "9": membership.RefusedUnknown,
	} {
		call, effects := forget(n, id)
		if got := answerTo[membership.AnswerOperator](t, effects, call).Refusal; got.Kind != want || got.Text == "" {
			t.Errorf("forgetting %s is answered %+v, want kind %d with a text", id, got, want)
		}
		none[membership.Publish](t, effects)
	}
}

func TestANodeThatHasLeftDoesNotForgetItself(t *testing.T) {
	n := start(t)
	n.feed(membership.LeaveRequested{Call: n.newCall()})
	call, effects := forget(n, "1")
	if answerTo[membership.AnswerOperator](t, effects, call).Refusal.Kind == 0 {
		t.Errorf("this node's own row became %s", n.self().State)
	}
}

func TestNewTagsRaiseTheIncarnationAndAreTold(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	before := n.self().Incarnation
	tags := map[string]string{"role": "web"}
	call := n.newCall()
	effects := n.feed(membership.TagsRequested{Call: call, Tags: tags})
	tags["role"] = "changed by the caller afterwards"
	row := n.self()
	if row.Incarnation != before+1 || row.Tags["role"] != "web" || row.Reason != swim.Updated {
		t.Errorf("this node's row is %+v, want the tag, the reason updated and incarnation %d", row, before+1)
	}
	if got := answerTo[membership.AnswerOperator](t, effects, call).Member; swim.Compare(got, row) != 0 {
		t.Errorf("answered with %+v, want %+v", got, row)
	}
	if got := receivers(pushes(effects)); !slices.Equal(got, []swim.NodeID{"2", "3"}) {
		t.Errorf("told %v, want 2 and 3", got)
	}
	n.feed(membership.TagsRequested{Call: n.newCall()})
	if got := n.self(); len(got.Tags) != 0 || got.Incarnation != before+2 {
		t.Errorf("no tags make %v at %d, want none at %d", got.Tags, got.Incarnation, before+2)
	}
}

func TestASnapshotSharesNothingThatChanges(t *testing.T) {
	n := startKnowing(t, member("2"), member("3"))
	before := n.core.Snapshot()
	n.hears(member("2", as(swim.Failed, swim.Unreachable)), member("0"))
	if got := about(before.Members); !slices.Equal(got, []swim.NodeID{"1", "2", "3"}) || before.Members[1].State != swim.Alive {
		t.Errorf("a snapshot changed afterwards: %+v", before.Members)
	}
}
