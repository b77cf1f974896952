package virtual_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
	"github.com/swimpair/swim/tests/virtual"
)

// A liar speaks the protocol as a member's disseminator does, and says what is not so.

// claims are what it says of node 3, made from the true row.
var claims = map[string]func(*swim.Member){
	"suspect":           func(m *swim.Member) { m.State, m.Reason = swim.Suspect, swim.Unreachable },
	"half a node":       func(m *swim.Member) { m.State, m.Reason = swim.Suspect, swim.DetectorDown },
	"failed":            func(m *swim.Member) { m.State, m.Reason = swim.Failed, swim.Unreachable },
	"left":              func(m *swim.Member) { m.State, m.Reason, m.Accuser = swim.Left, swim.SaidGoodbye, "" },
	"forgotten":         func(m *swim.Member) { m.State, m.Reason = swim.Forgotten, swim.ForgottenByHand },
	"failed later":      func(m *swim.Member) { failedAt(m, m.Incarnation+swim.MaxIncarnationJump-2) },
	"failed too late":   func(m *swim.Member) { failedAt(m, m.Incarnation+swim.MaxIncarnationJump+2) },
	"failed at the end": func(m *swim.Member) { failedAt(m, swim.MaxIncarnation) },
	"failed in a former life": func(m *swim.Member) {
		failedAt(m, m.Incarnation+1)
		m.Instance++
	},
}

func failedAt(m *swim.Member, incarnation swim.Incarnation) {
	m.State, m.Reason, m.Incarnation = swim.Failed, swim.Unreachable, incarnation
}

// One round trip asks the accused, one broadcast carries its answer. The liars take turns:
// one that is refuted too often is not believed, and then nothing is shown.
func TestALieIsOverAfterOneRoundTripAndOneBroadcast(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		turn := 0
		for name, forge := range claims {
			others := without(nodes, 2)
			liar := others[turn%len(others)]
			turn++
			claim := liar.Row("3")
			claim.Accuser = liar.ID
			forge(&claim)
			for _, to := range others {
				if to == liar {
					continue
				}
				if _, err := net.Push(liar, to, claim); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(100 * time.Millisecond)
			wantUnharmed(t, nodes, name)
			time.Sleep(6 * time.Second)
			wantUnharmed(t, nodes, name)
		}
		sameTables(t, nodes)
	})
}

// What merely stands in a table harms nobody, whether it is compared or handed over.
func TestALyingTableHarmsNobody(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		for name, forge := range claims {
			claim := nodes[3].Row("3")
			claim.Accuser = "4"
			forge(&claim)
			for _, to := range []*virtual.Node{nodes[0], nodes[2], nodes[4]} {
				compare := wire.Sync{Sender: nodes[3].Row("4"), Summaries: []swim.Summary{claim.Summary()}, Range: &wire.Range{}}
				handOver := wire.Sync{Sender: nodes[3].Row("4"), Members: []swim.Member{claim}}
				for _, sync := range []wire.Sync{compare, handOver} {
					conn := net.Client(to.DisseminatorAddress)
					_, err := swimpb.NewDisseminationClient(conn).Sync(context.Background(), sync.Proto())
					_ = conn.Close()
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			wantUnharmed(t, nodes, name)
			time.Sleep(6 * time.Second)
			wantUnharmed(t, nodes, name)
		}
		sameTables(t, nodes)
		wantNoLine(t, nodes, "Node 3 is suspect")
	})
}

// wantUnharmed: whatever was said of node 3, it is alive, and nobody has given it up.
func wantUnharmed(t *testing.T, nodes []*virtual.Node, claim string) {
	t.Helper()
	for _, n := range nodes {
		if got := n.State("3"); got != swim.Alive {
			t.Errorf("told that 3 is %s, node %s says that it is %s", claim, n.ID, got)
		}
	}
	wantNoLine(t, nodes, "Node 3 has failed", "Node 3 has left", "Node 3 is forgotten")
}

// Rows that contradict one another: their order is total, so the order of arrival is nothing.
func TestContradictoryRowsInAnyOrderEndInEqualTables(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		var rows []swim.Member
		for range 4 {
			for _, state := range []swim.State{swim.Alive, swim.Suspect, swim.Failed, swim.Left} {
				row := nodes[0].Row("3")
				row.State, row.Incarnation = state, row.Incarnation+swim.Incarnation(rand.N(3))
				row.Instance += swim.Instance(rand.N(2))
				rows = append(rows, row)
			}
		}
		for _, to := range nodes {
			for _, i := range rand.Perm(len(rows)) {
				if _, err := net.Push(nodes[3], to, rows[i]); err != nil {
					t.Fatal(err)
				}
			}
		}
		eventually(t, 20*time.Second, nodes, "3", swim.Alive)
		time.Sleep(20 * time.Second)
		everybodySays(t, nodes, "3", swim.Alive)
		sameTables(t, nodes)
	})
}

// Whatever was said in a node's life may be said again, in any order: it is all stale.
func TestNewsThatIsReplayedAndReorderedChangesNothing(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		said := []swim.Member{nodes[0].Row("3")}
		for range 2 {
			nodes[2].Kill()
			eventually(t, 15*time.Second, without(nodes, 2), "3", swim.Failed)
			said = append(said, nodes[0].Row("3"))
			nodes[2] = net.Start(3, virtual.Options{Members: []int{1, 2, 3, 4, 5}})
			eventually(t, 20*time.Second, nodes, "3", swim.Alive)
			said = append(said, nodes[0].Row("3"))
		}
		time.Sleep(10 * time.Second)
		now := nodes[0].Row("3")
		said = slices.DeleteFunc(said, func(m swim.Member) bool { return swim.Compare(m, now) == 0 })
		for range 5 {
			rand.Shuffle(len(said), func(i, j int) { said[i], said[j] = said[j], said[i] })
			for _, to := range without(nodes, 2) {
				for _, stale := range said {
					answer, err := net.Push(nodes[3], to, stale)
					if err != nil {
						t.Fatal(err)
					}
					if len(answer.Newer) != 1 || swim.Compare(answer.Newer[0], now) != 0 {
						t.Errorf("node %s answers a stale row with %+v, want %+v", to.ID, answer.Newer, now)
					}
				}
			}
		}
		time.Sleep(10 * time.Second)
		for _, n := range nodes {
			if got := n.Row("3"); swim.Compare(got, now) != 0 {
				t.Errorf("node %s has %s at %d, before the replay it was %s at %d", n.ID, got.State, got.Incarnation, now.State, now.Incarnation)
			}
		}
	})
}

// Nobody has met these members, so they go again; and those who are there stay.
func TestMembersThatDoNotExistGoAgainAndHarmNobody(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		for i, state := range []swim.State{swim.Alive, swim.Suspect, swim.Failed, swim.Left, swim.Forgotten} {
			ghost := nodes[3].Row("3")
			ghost.ID, ghost.State, ghost.Instance, ghost.Incarnation = swim.NodeID([]string{"70", "71", "72", "73", "74"}[i]), state, 99, swim.MaxIncarnation
			ghost.DetectorAddress, ghost.DisseminatorAddress = virtual.DetectorAddress("nowhere", 70+i), virtual.DisseminatorAddress("nowhere", 70+i)
			likely := ghost
			likely.ID, likely.Incarnation = "1"+ghost.ID, 5
			likely.DetectorAddress, likely.DisseminatorAddress = virtual.DetectorAddress("nowhere", 170+i), virtual.DisseminatorAddress("nowhere", 170+i)
			for _, to := range nodes {
				if _, err := net.Push(nodes[3], to, ghost, likely); err != nil {
					t.Fatal(err)
				}
			}
		}
		time.Sleep(30 * time.Second)
		for _, n := range nodes {
			for _, m := range n.List().Members {
				if real := len(m.ID) == 1; real != m.State.Live() {
					t.Errorf("node %s says that %s is %s", n.ID, m.ID, m.State)
				}
			}
		}
	})
}

// Numbers that no record can carry are refused by name, before any core sees them.
func TestIncarnationsBeyondTheLimitAreRefusedWithTheFieldsName(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		conn := net.Client(nodes[0].DisseminatorAddress)
		defer conn.Close()
		client := swimpb.NewDisseminationClient(conn)
		row := wire.FromMember(nodes[0].Row("3"))
		for _, incarnation := range []uint64{1 << 63, 1<<64 - 1} {
			row.Incarnation = incarnation
			_, news := client.Disseminate(context.Background(), &swimpb.DisseminationRequest{SenderId: "4", Members: []*swimpb.Member{row}})
			_, sync := client.Sync(context.Background(), &swimpb.SyncRequest{Sender: row})
			_, join := client.Join(context.Background(), &swimpb.JoinRequest{NewNodeId: "3", NewNodeAddress: row.GetDetectorAddress(), Member: row})
			for rpc, err := range map[string]error{"members[0].incarnation": news, "sender.incarnation": sync, "member.incarnation": join} {
				fault := new(wire.FieldError)
				if status.Code(err) != codes.InvalidArgument || !errors.As(wire.FromStatus(err), &fault) || fault.Field != rpc {
					t.Errorf("incarnation %d is answered with %v, want InvalidArgument of %s", incarnation, err, rpc)
				}
			}
		}
		everybodySays(t, nodes, "3", swim.Alive)
	})
}

// A flood of news about ever new members: what is kept of those who are gone has a limit.
func TestAFloodOfUnknownMembersIsBounded(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		row := nodes[3].Row("3")
		row.State, row.Reason, row.Accuser = swim.Failed, swim.Unreachable, "4"
		for page := range 6 {
			var rows []swim.Member
			for i := range 500 {
				row.ID = swim.NodeID("ghost-" + strconv.Itoa(500*page+i))
				rows = append(rows, row)
			}
			if _, err := net.Push(nodes[3], nodes[0], rows...); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		for _, n := range nodes {
			if got := rowsOf(t, net, n); got > 2000+len(nodes) {
				t.Errorf("node %s lists %d rows, want 2000 of members that are gone at most", n.ID, got)
			}
		}
		for _, id := range []swim.NodeID{"1", "2", "3", "4", "5"} {
			everybodySays(t, nodes, id, swim.Alive)
		}
	})
}

// rowsOf counts the rows on all pages of a node's list.
func rowsOf(t *testing.T, net *virtual.Net, n *virtual.Node) (count int) {
	t.Helper()
	conn := net.Client(n.DisseminatorAddress)
	defer conn.Close()
	request := &swimpb.ListMembersRequest{}
	for {
		page, err := swimpb.NewMembershipClient(conn).ListMembers(context.Background(), request)
		if err != nil {
			t.Fatal(err)
		}
		count += len(page.GetMembers())
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return count
		}
	}
}

// sameTables: whoever asks whichever node, the answer is the same.
func sameTables(t *testing.T, nodes []*virtual.Node) {
	t.Helper()
	want := nodes[0].List().Members
	for _, n := range nodes[1:] {
		got := n.List().Members
		if !slices.EqualFunc(got, want, func(a, b swim.Member) bool { return swim.Compare(a, b) == 0 }) {
			t.Errorf("node %s lists\n%v\nnode %s lists\n%v", n.ID, got, nodes[0].ID, want)
		}
	}
}

func wantNoLine(t *testing.T, nodes []*virtual.Node, snippets ...string) {
	t.Helper()
	for _, n := range nodes {
		for _, snippet := range snippets {
			if n.DisseminatorLog.FilterMessageSnippet(snippet).Len() > 0 {
				t.Errorf("node %s logs: %s", n.ID, snippet)
			}
		}
	}
}

func without(nodes []*virtual.Node, i int) []*virtual.Node {
	return slices.Delete(slices.Clone(nodes), i, i+1)
}
