package e2e

import (
	"context"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/cluster"
)

// TestHalvesStartedInAnyOrderAndPeriodsApartAgreeAndNobodyIsReportedFailed is the seed's
// own way of starting: ten processes, in a shuffled order, each later than the one before
// by more than a protocol period.
func TestHalvesStartedInAnyOrderAndPeriodsApartAgreeAndNobodyIsReportedFailed(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 11)
	nodes := n.pairs(5)
	var halves []*cluster.Process
	for _, node := range nodes {
		halves = append(halves, node.Detector, node.Disseminator)
		n.must(n.Watch(node))
	}
	rand.Shuffle(len(halves), func(i, j int) { halves[i], halves[j] = halves[j], halves[i] })
	for _, half := range halves {
		t.Logf("starting %s", half.Name)
		n.must(half.Start())
		<-time.After(600 * time.Millisecond) // being late is the input of this test
	}
	n.agree(alive(5), nodes...)
	n.never(swim.Failed, nodes...)
	for _, node := range nodes {
		list, err := n.Members(n.ctx, node)
		n.must(err)
		if len(list.Members) != 5 {
			t.Errorf("node %d lists %d members, want 5: %+v", node.ID, len(list.Members), list.Members)
		}
	}
}

func TestAKilledPairIsFailedEverywhereAndAliveEverywhereAfterItsRestart(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 12)
	nodes := n.running(5)
	victim, others := nodes[4], nodes[:4]

	n.must(victim.Kill())
	want := alive(5)
	want["5"] = swim.Failed
	n.agree(want, others...)
	n.says(others[0].Detector, "Node 5 is not pinged any more")

	n.must(victim.Start())
	n.agree(alive(5), nodes...)
	n.never(swim.Failed, others...)
}

// TestAFailureStandsInTheLogsOfBothSidesOfEveryCall: the seed's two lines for each RPC.
func TestAFailureStandsInTheLogsOfBothSidesOfEveryCall(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 13)
	nodes := n.running(3)
	n.must(nodes[2].Pause()) // silence takes the whole way, a crash would not
	want := alive(3)
	want["3"] = swim.Failed
	n.agree(want, nodes[:2]...)

	accuser, other := nodes[0], nodes[1]
	if c, _ := n.EverSaid("3", swim.Failed); c.Member.Accuser == "2" {
		accuser, other = other, accuser
	}
	detector := func(node *cluster.Node) string { return "Component FailureDetector of Node " + string(node.Name()) }
	disseminator := func(node *cluster.Node) string { return "Component Dissemination of Node " + string(node.Name()) }
	n.says(accuser.Detector, detector(accuser)+" sends RPC Ping to Component FailureDetector of Node 3")
	n.says(accuser.Detector, detector(accuser)+" sends RPC IndirectPing to "+detector(other))
	n.says(other.Detector, detector(other)+" runs RPC IndirectPing called by "+detector(accuser))
	n.says(accuser.Detector, detector(accuser)+" sends RPC Disseminate to "+disseminator(accuser))
	n.says(accuser.Disseminator, disseminator(accuser)+" runs RPC Disseminate called by "+detector(accuser))
	n.says(accuser.Disseminator, disseminator(accuser)+" sends RPC Disseminate to "+disseminator(other))
	n.says(other.Disseminator, disseminator(other)+" runs RPC Disseminate called by "+disseminator(accuser))
}

func TestAPairThatIsStoppedHasLeftAndIsNeverReportedFailed(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 14)
	nodes := n.running(4)
	leaver, others := nodes[1], []*cluster.Node{nodes[0], nodes[2], nodes[3]}

	n.must(leaver.Stop())
	n.exits(leaver.Detector, 0)
	n.exits(leaver.Disseminator, 0)
	want := alive(4)
	want["2"] = swim.Left
	n.agree(want, others...)

	// Whoever still pinged it would have reported it by the time that a real failure,
	// which comes later, is known.
	n.must(nodes[3].Kill())
	want["4"] = swim.Failed
	n.agree(want, nodes[0], nodes[2])
	n.never(swim.Failed, leaver, nodes[0], nodes[2])
}

func TestANodeThatKnowsOnlyABootstrapAddressIsInEverybodysListAndPinged(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 15)
	nodes := n.running(3)
	newcomer := n.Add(4, "BOOTSTRAP_ADDRESS="+nodes[0].DisseminatorAddress)
	n.start(newcomer)
	n.agree(alive(4), append(nodes, newcomer)...)
	for _, node := range nodes {
		n.says(newcomer.Detector, "runs RPC Ping called by Component FailureDetector of Node "+string(node.Name()))
	}
	n.never(swim.Failed, append(nodes, newcomer)...)
}

func TestSwimctlListsWhatTheNodesAgreeOn(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 16)
	nodes := n.running(2)
	for _, node := range nodes {
		out, err := exec.CommandContext(n.ctx, filepath.Join(binDir, "swimctl"),
			"members", "--addr", node.DisseminatorAddress).CombinedOutput()
		if err != nil {
			t.Fatalf("swimctl: %v\n%s", err, out)
		}
		for _, row := range nodes {
			if !strings.Contains(string(out), row.DetectorAddress) {
				t.Errorf("swimctl does not show %s:\n%s", row.DetectorAddress, out)
			}
		}
	}
}

// TestSwimctlSaysWhetherAllAgree: while all live, while one cannot be asked, and without it.
func TestSwimctlSaysWhetherAllAgree(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 17, "SWIM_PAUSE_TOLERANCE=3s") // time to ask before it is failed
	nodes := n.running(3)
	n.swimctlAgree(nodes[0], 0, "Views agree: 3 live")
	n.must(nodes[2].Pause())
	n.swimctlAgree(nodes[0], 1, "not known: 3")
	n.told(nodes[:2], "3", "failed", func(m swim.Member) bool { return m.State == swim.Failed })
	n.swimctlAgree(nodes[0], 0, "Views agree: 2 live")
	n.must(nodes[2].Resume())
}

// swimctlAgree asks until the answer is as wanted: news may be on its way.
func (n *network) swimctlAgree(at *cluster.Node, code int, want string) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.ctx, patience)
	defer cancel()
	for {
		swimctl := exec.CommandContext(ctx, filepath.Join(binDir, "swimctl"), "agree", "--timeout", "1s", "--addr", at.DisseminatorAddress)
		out, err := swimctl.CombinedOutput()
		if strings.Contains(string(out), want) && swimctl.ProcessState.ExitCode() == code {
			return
		}
		if ctx.Err() != nil {
			n.t.Fatalf("swimctl agree: %v, want exit code %d and %q:\n%s", err, code, want, out)
		}
	}
}
