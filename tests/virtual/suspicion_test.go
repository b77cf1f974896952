package virtual_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/proto/swim"
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
		net.Lift("5")
		eventually(t, 20*time.Second, nodes, "5", swim.Alive)
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
		for _, n := range nodes {
			for _, m := range []string{"Node 3 has failed", "Node 1 has failed"} {
				if n.DisseminatorLog.FilterMessageSnippet(m).Len() > 0 {
					t.Errorf("node %s logs: %s", n.ID, m)
				}
			}
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
				if got := nodes[0].Row("5").Reason; got != test.reason {
					t.Errorf("the reason is %s, want %s", got, test.reason)
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
