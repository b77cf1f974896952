package virtual_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
	"github.com/swimpair/swim/tests/virtual"
)

// Digests over real gRPC: where they are shown, and what they are good for.

func TestEveryPlaceShowsTheDigestOfTheTable(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		list := nodes[0].List()
		var want uint64
		for _, m := range list.Members {
			want += swim.DigestOf(m)
		}
		for where, got := range map[string]swim.Digest{
			"the status":  list.Node.Digest,
			"a heartbeat": heartbeat(t, net, nodes[0]).Digest,
			"an ack":      ack(t, net, nodes[0], wire.Ping{Sender: "9", Target: wire.Target{ID: "1"}}).Digest,
		} {
			if got.Hash != want || got.Age < time.Second {
				t.Errorf("%s has the digest %x, %s old; want %x, which is settled", where, got.Hash, got.Age, want)
			}
		}
	})
}

// heartbeat returns the first that a watcher gets, or the first that is as wanted.
func heartbeat(t *testing.T, net *virtual.Net, node *virtual.Node, wanted ...func(wire.Heartbeat) bool) wire.Heartbeat {
	t.Helper()
	conn := net.Client(node.DisseminatorAddress)
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	stream, err := swimpb.NewMembershipClient(conn).WatchMembers(ctx, &swimpb.WatchMembersRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		sent, err := stream.Recv()
		if err != nil {
			t.Fatalf("no such heartbeat of node %s: %v", node.ID, err)
		}
		message, err := wire.ParseWatch(sent)
		if err != nil {
			t.Fatal(err)
		}
		beat, ok := message.Event.(wire.Heartbeat)
		if ok && !slices.ContainsFunc(wanted, func(is func(wire.Heartbeat) bool) bool { return !is(beat) }) {
			return beat
		}
	}
}

func ack(t *testing.T, net *virtual.Net, node *virtual.Node, ping wire.Ping) wire.PingAnswer {
	t.Helper()
	conn := net.Client(node.DetectorAddress)
	defer conn.Close()
	sent, err := swimpb.NewFailureDetectorClient(conn).Ping(context.Background(), ping.Proto())
	if err != nil {
		t.Fatal(err)
	}
	answer, err := wire.ParsePingAnswer(sent)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestAPingWithAnotherSettledDigestHasTheTablesCompared(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		ping := wire.Ping{Sender: "2", Target: wire.Target{ID: "1"}, Digest: swim.Digest{Hash: 1}}
		ack(t, net, nodes[0], ping) // a young one says nothing
		time.Sleep(time.Second)
		const line = "the table of Node 2 differs from this one: comparing tables"
		if nodes[0].DisseminatorLog.FilterMessageSnippet(line).Len() > 0 {
			t.Error("a digest that is not settled had the tables compared")
		}
		ping.Digest.Age = time.Minute
		ack(t, net, nodes[0], ping)
		time.Sleep(time.Second)
		expectLine(t, nodes[0].DisseminatorLog, line)
		expectLine(t, nodes[0].DisseminatorLog, "the table of Node 2 agrees with this one: mended in")
	})
}

// A push that got through to one node only leaves that node with a newer row than the others.
// Now and then the slow net comes first, so one such loss shows little. Ten take 20 s by
// digests; the slow net alone, which turns each 5 s to 15 s, takes some four times that.
func TestLostPushesAreMendedByDigestsLongBeforeTheSlowNet(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		var took time.Duration
		for range 10 {
			row := tellOnly(t, net, nodes[0], "3")
			start := time.Now()
			for lacking(nodes, row) > 0 && time.Since(start) < time.Minute {
				time.Sleep(10 * time.Millisecond)
			}
			took += time.Since(start)
			time.Sleep(5 * time.Second) // until it is settled again
		}
		if took > 40*time.Second {
			t.Errorf("ten lost pushes were mended in %s, want 20 s or so", took)
		}
		everybodySays(t, nodes, "3", swim.Alive)
	})
}

// tellOnly gives one node a newer row of a member, as a push that all others have lost.
func tellOnly(t *testing.T, net *virtual.Net, node *virtual.Node, id swim.NodeID) swim.Member {
	t.Helper()
	row := node.Row(id)
	row.Incarnation++
	conn := net.Client(node.DisseminatorAddress)
	defer conn.Close()
	push := wire.Dissemination{Sender: id, Members: []swim.Member{row}}
	if _, err := swimpb.NewDisseminationClient(conn).Disseminate(context.Background(), push.Proto()); err != nil {
		t.Fatal(err)
	}
	return row
}

// lacking counts the nodes that hold an older incarnation of a row.
func lacking(nodes []*virtual.Node, row swim.Member) (count int) {
	for _, n := range nodes {
		if n.Row(row.ID).Incarnation < row.Incarnation {
			count++
		}
	}
	return count
}

// A node is asked between two inputs of its core, whose clock stands at the last of them.
func TestTheAgeOfADigestIsThatOfTheMomentOfTheQuestion(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		start, first := time.Now(), nodes[0].List().Node.Digest
		for i := range 20 {
			time.Sleep(37 * time.Millisecond)
			want := first.Age + time.Since(start)
			if got := nodes[0].List().Node.Digest; got.Age < want || got.Age > want+5*time.Millisecond {
				t.Errorf("question %d: the digest is %s old, want %s", i, got.Age, want)
			}
		}
	})
}
