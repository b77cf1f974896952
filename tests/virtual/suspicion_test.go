package virtual_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
	"github.com/swimpair/swim/tests/virtual"
)

// The rules of suspicion and of half a node, over real gRPC.

func TestASilentNodeIsSuspectAndThenFailedEverywhere(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		net.Silence("5")
		suspect := eventually(t, 7*time.Second, nodes[:4], "5", swim.Suspect) // the wait for the first ping, and its round
		failed := eventually(t, 5*time.Second, nodes[:4], "5", swim.Failed)
		if failed < time.Second {
			t.Errorf("failed %s after it was suspect everywhere (in %s): a healthy process may stand still for a second", failed, suspect)
		}
		confirmed := 0
		for _, n := range nodes[:4] {
			confirmed += n.DisseminatorLog.FilterMessageSnippet("the suspicion of Node 5 is confirmed").Len()
		}
		if confirmed == 0 {
			t.Error("no witness has confirmed the suspicion")
		}
		net.Lift("5")
		eventually(t, 20*time.Second, nodes, "5", swim.Alive)
	})
}

// The lowest of the accusers leads, and asks its own detector for the last word.
func TestTheLeaderHasTheSuspectProbedOnceMore(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		net.Silence("5")
		eventually(t, 7*time.Second, nodes[:4], "5", swim.Suspect)
		leader := nodes[slices.IndexFunc(nodes, func(n *virtual.Node) bool { return n.ID == nodes[0].Row("5").Accuser })]
		heartbeat(t, net, leader, func(h wire.Heartbeat) bool { return h.ProbeRequested == "5" })
	})
}

func TestWatchersAreToldWhenMostMembersAreSuspectTogether(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		if nodes[0].List().Node.PartitionSuspected {
			t.Error("a partition is suspected in a healthy cluster")
		}
		push := wire.Dissemination{Sender: "2"}
		for _, id := range []swim.NodeID{"3", "4", "5"} {
			net.Silence(id) // or it would refute
			row := nodes[0].Row(id)
			row.State, row.Reason, row.Accuser = swim.Suspect, swim.Unreachable, "2"
			push.Members = append(push.Members, row)
		}
		conn := net.Client(nodes[0].DisseminatorAddress)
		defer conn.Close()
		if _, err := swimpb.NewDisseminationClient(conn).Disseminate(context.Background(), push.Proto()); err != nil {
			t.Fatal(err)
		}
		heartbeat(t, net, nodes[0], func(h wire.Heartbeat) bool { return h.PartitionSuspected })
		if !nodes[0].List().Node.PartitionSuspected {
			t.Error("the heartbeats tell of a suspected partition, the status does not")
		}
	})
}

func TestAMissedPingHasTheAccusedAskedAndNobodyElseHearsOfIt(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		conn := net.Client(nodes[0].DisseminatorAddress)
		defer conn.Close()
		row := nodes[0].Row("3")
		before := map[swim.NodeID]int{}
		for _, n := range nodes {
			before[n.ID] = pushes(nodes[0], n.ID)
		}
		report := wire.Dissemination{Sender: "1", Reports: []wire.Report{
			wire.PingMissed{Member: "3", Incarnation: row.Incarnation, Instance: row.Instance},
		}}
		ctx := metadata.AppendToOutgoingContext(context.Background(), "swim-component", "FailureDetector", "swim-node", "1", "swim-cluster", "swim")
		if _, err := swimpb.NewDisseminationClient(conn).Disseminate(ctx, report.Proto()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		for id, want := range map[swim.NodeID]int{"2": 0, "3": 1, "4": 0, "5": 0} {
			if got := pushes(nodes[0], id) - before[id]; got != want {
				t.Errorf("node 1 has called the disseminator of node %s %d times, want %d", id, got, want)
			}
		}
		for _, n := range nodes {
			if got := n.Row("3"); got.State != swim.Alive || got.Incarnation != row.Incarnation {
				t.Errorf("node %s says that 3 is %s at incarnation %d: a question changes no row", n.ID, got.State, got.Incarnation)
			}
		}
	})
}

func TestANodeThatIsSilentForNineTenthsOfASecondIsNeverFailed(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		for range 10 {
			net.Silence("3")
			time.Sleep(900 * time.Millisecond)
			net.Lift("3")
			time.Sleep(1700 * time.Millisecond)
		}
		everybodySays(t, nodes, "3", swim.Alive)
		missed := 0
		for _, n := range nodes {
			missed += n.DetectorLog.FilterMessageSnippet("no ack, asking").Len()
			for _, m := range []string{"Node 3 has failed", "Node 1 has failed"} {
				if n.DisseminatorLog.FilterMessageSnippet(m).Len() > 0 {
					t.Errorf("node %s logs: %s", n.ID, m)
				}
			}
		}
		if missed == 0 {
			t.Error("nobody has missed an ack: the silences were not noticed at all")
		}
	})
}

func TestHalfANodeIsSuspectAtOnceAndFailedAfterTheGrace(t *testing.T) {
	for name, test := range map[string]struct {
		kill   func(*virtual.Node)
		reason swim.Reason
	}{
		"without its detector":     {func(n *virtual.Node) { n.Detector.Kill() }, swim.DetectorDown},
		"without its disseminator": {func(n *virtual.Node) { n.Disseminator.Kill() }, swim.DisseminatorDown},
	} {
		t.Run(name, func(t *testing.T) {
			virtual.Run(t, func(net *virtual.Net) {
				nodes := startFive(net)
				test.kill(nodes[4])
				eventually(t, 200*time.Millisecond, nodes[:4], "5", swim.Suspect)
				for _, n := range nodes[:4] {
					if got := n.Row("5").Reason; got != test.reason {
						t.Errorf("node %s says that the reason is %s, want %s", n.ID, got, test.reason)
					}
				}
				time.Sleep(4 * time.Second)
				everybodySays(t, nodes[:4], "5", swim.Suspect) // it has the grace
				eventually(t, 3*time.Second, nodes[:4], "5", swim.Failed)
			})
		})
	}
}

func TestAHalfThatComesBackWithinTheGraceMakesTheNodeAliveAgain(t *testing.T) {
	for name, half := range map[string]struct{ kill, start func(*virtual.Node) }{
		"its detector": {
			func(n *virtual.Node) { n.Detector.Kill() },
			func(n *virtual.Node) { n.StartDetector(5, virtual.Options{}) },
		},
		"its disseminator": {
			func(n *virtual.Node) { n.Disseminator.Kill() },
			func(n *virtual.Node) { n.StartDisseminator(5, virtual.Options{Members: []int{1, 2, 3, 4, 5}}) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			virtual.Run(t, func(net *virtual.Net) {
				nodes := startFive(net)
				before := nodes[0].Row("5").Incarnation
				half.kill(nodes[4])
				time.Sleep(time.Second)
				half.start(nodes[4])
				eventually(t, 5*time.Second, nodes, "5", swim.Alive)
				if got := nodes[0].Row("5").Incarnation; got <= before {
					t.Errorf("it is alive at incarnation %d, before it was %d", got, before)
				}
				time.Sleep(10 * time.Second)
				everybodySays(t, nodes, "5", swim.Alive)
			})
		})
	}
}

// pushes counts the Disseminates that one disseminator has sent to another.
func pushes(from *virtual.Node, to swim.NodeID) int {
	return from.DisseminatorLog.FilterMessageSnippet("sends RPC Disseminate to Component Dissemination of Node " + string(to)).Len()
}

// eventually waits until all say so of a member, and returns how long that took.
func eventually(t *testing.T, limit time.Duration, nodes []*virtual.Node, id swim.NodeID, want swim.State) time.Duration {
	t.Helper()
	start := time.Now()
	for time.Since(start) < limit {
		agreed := true
		for _, n := range nodes {
			agreed = agreed && n.State(id) == want
		}
		if agreed {
			return time.Since(start)
		}
		time.Sleep(10 * time.Millisecond) // of virtual time
	}
	everybodySays(t, nodes, id, want)
	t.FailNow()
	return 0
}
