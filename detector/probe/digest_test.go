package probe_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

// heardDigest is a ping of a peer that says what its table sums up to.
func heardDigest(peer swim.NodeID, hash uint64, age time.Duration) probe.PingReceived {
	return probe.PingReceived{Call: 5, TargetID: me, Sender: peer, Digest: swim.Digest{Hash: hash, Age: age}}
}

func TestViewsThatHaveSettledAndDifferAreReportedOncePerPeerAndPeriod(t *testing.T) {
	n := startNode(t, members(3)...)
	none[probe.ReportViewsDiffer](t, n.step(heardDigest("2", 1, time.Hour)), "the own view is young")
	n.advance(period)
	none[probe.ReportViewsDiffer](t, n.step(heardDigest("2", 1, period-1)), "theirs is young")
	if got := only[probe.ReportViewsDiffer](t, n.step(heardDigest("2", 1, period))); got.Peer != "2" {
		t.Errorf("got %+v", got)
	}
	none[probe.ReportViewsDiffer](t, n.step(heardDigest("2", 1, period)), "it was reported")
	only[probe.ReportViewsDiffer](t, n.step(heardDigest("3", 1, period)))
	n.advance(period)
	only[probe.ReportViewsDiffer](t, n.step(heardDigest("2", 1, period)))
}

func TestEqualViewsAndThoseOfStrangersAreNotReported(t *testing.T) {
	n := startNode(t, members(3)...)
	n.advance(period)
	same := digestOf(0, append(members(3), member(me))...).Hash
	none[probe.ReportViewsDiffer](t, n.step(heardDigest("2", same, period)), "they are equal")
	none[probe.ReportViewsDiffer](t, n.step(heardDigest("77", 1, period)), "nobody knows it")
	none[probe.ReportViewsDiffer](t, n.step(heardDigest("2", 0, period)), "it did not say")
}

func TestAnAckBringsADigestToo(t *testing.T) {
	n := startNode(t, member("2"))
	n.step(ack(n.nextRound()))
	answer := ack(n.nextRound()) // by now the view is old enough
	answer.Digest = swim.Digest{Hash: 1, Age: period}
	only[probe.ReportViewsDiffer](t, n.step(answer))
}

func TestTheDigestFollowsTheView(t *testing.T) {
	n := startNode(t, members(3)...)
	n.change(in(member("4"), swim.Failed))
	n.advance(10 * time.Millisecond)
	got := only[probe.AnswerPing](t, n.step(probe.PingReceived{Call: 5, TargetID: me})).Digest
	if want := digestOf(10*time.Millisecond, member(me), member("2"), member("3")); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	n.change(in(member("3"), swim.Suspect)) // no difference
	got = only[probe.AnswerPing](t, n.step(probe.PingReceived{Call: 5, TargetID: me})).Digest
	if want := digestOf(10*time.Millisecond, member(me), member("2"), member("3")); got != want {
		t.Errorf("after a suspicion: got %+v, want %+v", got, want)
	}
}
