package membership_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

func TestATombstoneIsKeptForADayAndAFailedMemberForEver(t *testing.T) {
	n := startKnowing(t, member("2"), member("3", as(swim.Failed, swim.Unreachable)))
	n.hears(member("4", as(swim.Left, swim.SaidGoodbye)))
	n.sleep(23 * time.Hour)
	n.wantState("4", swim.Left)
	n.sleep(2 * time.Hour)
	n.wantState("4", 0)
	n.wantState("3", swim.Failed)
	// A peer that still has the tombstone does not bring it back.
	answer := only[membership.AnswerSync](t, n.syncedBy(member("2"), member("2"), member("4", as(swim.Left, swim.SaidGoodbye))))
	if len(answer.Wanted) > 0 {
		t.Errorf("wanted are %v, want nothing", answer.Wanted)
	}
}

// sleep lets a long time pass, with a step at each of its minutes only: all that hangs on
// a timer is late, and nothing else happens.
func (n *node) sleep(d time.Duration) {
	for end := n.now + d; n.now < end; {
		n.stall(time.Minute)
		n.lease()
	}
}

func TestTheOldestTombstonesGoWhenThereAreTooMany(t *testing.T) {
	n := startKnowing(t, member("2"))
	n.hears(crowd(2500, func(i int, m *swim.Member) { m.State = swim.Failed })...)
	if got, want := len(n.core.Snapshot().Members), 2+2000; got != want {
		t.Errorf("%d rows are kept, want %d", got, want)
	}
	if n.row("m00000").ID != "" || n.row("m02499").ID == "" {
		t.Error("not the oldest have gone")
	}
}
