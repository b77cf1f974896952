package membership_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

func TestANodeThatFailsAgainAndAgainWaitsUntilItIsWell(t *testing.T) {
	n := startKnowing(t, others(4)...)
	held := func() {
		dead := n.self()
		dead.State, dead.Accuser = swim.Failed, "2"
		n.hears(dead)
	}
	before := n.self().Incarnation
	held()
	n.run(period)
	if n.self().Incarnation != before+1 {
		t.Fatal("the first time it does not come back at once")
	}
	missed(t, n, "3") // trouble
	held()
	n.run(29 * time.Second)
	if n.self().Incarnation != before+1 {
		t.Error("the second time it comes back before it was well for 30 s")
	}
	n.run(2 * time.Second)
	if n.self().Incarnation != before+2 {
		t.Error("it does not come back although it was well for 30 s")
	}
}

func TestWhoeverSuspectsANodeThatWaitsHasItsAnswerAtOnce(t *testing.T) {
	n := startKnowing(t, others(4)...)
	dead := n.self()
	dead.State, dead.Accuser = swim.Failed, "2"
	n.hears(dead)
	n.run(period)
	missed(t, n, "3")
	dead.Incarnation = n.self().Incarnation
	n.hears(dead)
	n.run(period)
	before := n.self().Incarnation
	n.hears(func() swim.Member { m := n.self(); m.State, m.Accuser = swim.Suspect, "4"; return m }())
	n.run(period)
	if got := n.self().Incarnation; got <= before {
		t.Errorf("it is at %d still: it has not answered", got)
	}
}
