package virtual_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zaptest/observer"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/virtual"
)

func startFive(net *virtual.Net) (nodes []*virtual.Node) {
	all := []int{1, 2, 3, 4, 5}
	for _, id := range all {
		nodes = append(nodes, net.Start(id, virtual.Options{Members: all}))
	}
	time.Sleep(15 * time.Second)
	return nodes
}

func everybodySays(t *testing.T, nodes []*virtual.Node, id swim.NodeID, want swim.State) {
	t.Helper()
	for _, n := range nodes {
		if got := n.State(id); got != want {
			t.Errorf("node %s says that %s is %s, want %s", n.ID, id, got, want)
		}
	}
}

func lines(logs *observer.ObservedLogs) string {
	var b strings.Builder
	for _, e := range logs.All() {
		fmt.Fprintf(&b, "%s %s\n", e.Level, e.Message)
	}
	return b.String()
}

func expectLine(t *testing.T, logs *observer.ObservedLogs, want string) {
	t.Helper()
	if logs.FilterMessageSnippet(want).Len() == 0 {
		t.Errorf("no log line has %q:\n%s", want, lines(logs))
	}
}

func TestFiveNodesAgreeOverRealGRPC(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		for _, id := range []swim.NodeID{"1", "2", "3", "4", "5"} {
			everybodySays(t, nodes, id, swim.Alive)
		}
		for _, n := range nodes {
			list := n.List()
			if got := list.Node.Detector; got != "up" {
				t.Errorf("node %s says its detector is %q, want up", n.ID, got)
			}
			if got := len(list.Members); got != 5 {
				t.Errorf("node %s lists %d rows, want 5: no contacts are left", n.ID, got)
			}
		}
	})
}

func TestAFailureIsSpreadAndEveryRPCOfItIsLoggedOnBothSides(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		net.Silence("5")
		time.Sleep(15 * time.Second)
		everybodySays(t, nodes[:4], "5", swim.Failed)

		sides := map[string]bool{}
		for _, n := range nodes[:4] {
			for _, entry := range append(n.DetectorLog.All(), n.DisseminatorLog.All()...) {
				for _, rpc := range []string{"Ping", "IndirectPing", "Disseminate"} {
					if strings.Contains(entry.Message, " sends RPC "+rpc+" to ") {
						sides[rpc+" sent"] = true
					}
					if strings.Contains(entry.Message, " runs RPC "+rpc+" called by ") {
						sides[rpc+" run"] = true
					}
				}
			}
		}
		for _, want := range []string{"Ping sent", "Ping run", "IndirectPing sent", "IndirectPing run", "Disseminate sent", "Disseminate run"} {
			if !sides[want] {
				t.Errorf("no log line for %s", want)
			}
		}
	})
}

func TestAFailuresStoryHasOneTraceIDOnEveryNode(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		nodes[4].Kill()
		time.Sleep(15 * time.Second)
		traces := map[string]int{}
		for _, n := range nodes[:4] {
			for _, entry := range n.DisseminatorLog.FilterMessageSnippet("Node 5 has failed").All() {
				traces[entry.ContextMap()["trace_id"].(string)]++
			}
		}
		told := 0
		for _, count := range traces {
			told = max(told, count)
		}
		if told < 2 {
			t.Errorf("no two nodes log the failure under one trace id: %v", traces)
		}
	})
}

func TestAStoppedNodeHasLeftAndBothHalvesEndWithoutError(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		start := time.Now()
		nodes[1].Stop()
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("stopping took %s", took)
		}
		if err := nodes[1].Disseminator.Err(); err != nil {
			t.Errorf("disseminator: %v", err)
		}
		if err := nodes[1].Detector.Err(); err != nil {
			t.Errorf("detector: %v", err)
		}
		rest := []*virtual.Node{nodes[0], nodes[2], nodes[3], nodes[4]}
		everybodySays(t, rest, "2", swim.Left)
		time.Sleep(30 * time.Second)
		everybodySays(t, rest, "2", swim.Left)
		for _, n := range rest {
			if n.DisseminatorLog.FilterMessageSnippet("Node 2 has failed").Len() > 0 {
				t.Errorf("node %s reported a leaver as failed", n.ID)
			}
		}
	})
}

func TestEachHalfSaysThatTheOtherIsMissingAndThatItIsBack(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		o := virtual.Options{Members: []int{1}}
		n := net.Prepare(1, o)
		n.StartDetector(1, o)
		time.Sleep(3 * time.Second)
		expectLine(t, n.DetectorLog, "the disseminator of this node is down: not heard yet")
		n.StartDisseminator(1, o)
		time.Sleep(3 * time.Second)
		expectLine(t, n.DetectorLog, "the disseminator of this node is up")
		n.Detector.Kill()
		time.Sleep(time.Second)
		expectLine(t, n.DisseminatorLog, "the detector of this node is down")
		if got := n.List().Node.Detector; !strings.HasPrefix(got, "down: ") {
			t.Errorf("the list says that the detector is %q", got)
		}
		n.StartDetector(1, o)
		time.Sleep(3 * time.Second)
		if got := n.List().Node.Detector; got != "up" {
			t.Errorf("the list says that the detector is %q", got)
		}
		n.Disseminator.Kill()
		time.Sleep(2 * time.Second)
		expectLine(t, n.DetectorLog, "the disseminator of this node is down")
	})
}

func TestHalvesOfDifferentNodesRefuseEachOther(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		n := net.Start(1, virtual.Options{Paired: 2})
		time.Sleep(5 * time.Second)
		expectLine(t, n.DetectorLog, "start both halves with one NODE_ID")
	})
}

func TestASecondNodeWithALiveIDEndsWithAnErrorThatNamesTheHolder(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		second := net.Start(3, virtual.Options{Members: []int{1, 2, 3, 4, 5}, Host: "otherhost"})
		for _, half := range []*virtual.Half{second.Disseminator, second.Detector} {
			select {
			case <-half.Done():
			case <-time.After(30 * time.Second):
				t.Fatalf("a half of the second node goes on\n%s\n%s", lines(second.DetectorLog), lines(second.DisseminatorLog))
			}
			if err := half.Err(); err == nil || !strings.Contains(err.Error(), "localhost:50053") {
				t.Errorf("got %v, want an error that names localhost:50053", err)
			}
		}
		second.Kill()
		everybodySays(t, nodes, "3", swim.Alive)
	})
}

func TestAJoinerThatCannotBeReachedIsToldWhichAddressAndWhatToSet(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		startFive(net)
		o := virtual.Options{Bootstrap: []int{1}}
		n := net.Prepare(6, o)
		n.StartDisseminator(6, o) // its detector's port stays closed
		time.Sleep(30 * time.Second)
		expectLine(t, n.DisseminatorLog, "localhost:50056")
		expectLine(t, n.DisseminatorLog, "SWIM_ADVERTISE_HOST")
	})
}

func TestNodesOfAnotherClusterAreRefusedAndTold(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		alien := net.Start(6, virtual.Options{Bootstrap: []int{1}, Cluster: "other"})
		time.Sleep(20 * time.Second)
		everybodySays(t, nodes, "6", 0)
		expectLine(t, alien.DisseminatorLog, "set SWIM_CLUSTER")
	})
}
