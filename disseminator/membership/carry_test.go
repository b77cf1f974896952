package membership_test

import (
	"testing"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/proto/swim"
)

// startAs starts another node than node 1. Its incarnation is that of its clock.
func startAs(t *testing.T, id swim.NodeID, changes ...func(*swim.Member)) *node {
	t.Helper()
	n := &node{t: t}
	cfg := config(id)
	cfg.Self = member(id, changes...)
	n.core = membership.New(cfg, newRand(7), n.time())
	return n
}

// carry delivers what a sent to b, in these effects and in all that follows, and brings
// the answers back, without a loss and in no time.
func carry(a, b *node, effects []membership.Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case membership.Sync:
			if e.Address == b.self().DisseminatorAddress {
				carrySync(a, b, e)
			}
		case membership.Disseminate:
			if e.To.DisseminatorAddress == b.self().DisseminatorAddress {
				carryNews(a, b, e)
			}
		}
	}
}

func carrySync(a, b *node, e membership.Sync) {
	call := b.newCall()
	out := b.feed(membership.SyncReceived{
		Call: call, Sender: e.Sender, Summaries: e.Summaries, Range: e.Range, Members: e.Members, Trace: e.Trace,
	})
	answer := answerTo[membership.AnswerSync](a.t, out, call)
	back := a.feed(membership.SyncEnded{
		Number: e.Number, Evidence: swim.Acked, Responder: answer.Responder, Newer: answer.Newer, Wanted: answer.Wanted,
	})
	carry(b, a, out)
	carry(a, b, back)
}

// carryNews gives b a lease when it is accused.
func carryNews(a, b *node, e membership.Disseminate) {
	call := b.newCall()
	out := b.feed(membership.NewsReceived{
		Call: call, Members: e.Members, Accusation: e.Accusation, Trace: e.Trace,
	})
	out = append(out, b.lease()...)
	answer := answerTo[membership.AnswerNews](a.t, out, call)
	back := a.feed(membership.NewsEnded{
		Number: e.Number, Evidence: swim.Acked, Newer: answer.Newer, DetectorDown: answer.DetectorDown,
	})
	carry(b, a, out)
	carry(a, b, back)
}

// together lets some periods pass at two nodes whose detectors meet and whose messages arrive.
func together(a, b *node, periods int) {
	for range periods {
		for _, way := range [][2]*node{{a, b}, {b, a}} {
			from, to := way[0], way[1]
			carry(from, to, from.run(period))
			carry(from, to, from.lease())
			carry(from, to, from.reached(to.self()))
		}
	}
}

// meet makes two nodes known to each other: b syncs with a, and both ports of each are met.
func meet(t *testing.T, a, b *node) {
	t.Helper()
	carry(a, b, a.syncedBy(b.self(), b.self()))
	together(a, b, 40)
}
