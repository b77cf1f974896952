package e2e

import (
	"testing"

	"github.com/swimpair/swim/proto/swim"
)

const (
	detectorUp       = "the detector of this node is up"
	detectorDown     = "the detector of this node is down"
	disseminatorUp   = "the disseminator of this node is up"
	disseminatorDown = "the disseminator of this node is down"
)

// TestADisseminatorWithoutItsDetectorSaysSoAndRecovers: missing at the start, dying later.
func TestADisseminatorWithoutItsDetectorSaysSoAndRecovers(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 21)
	nodes := n.pairs(1)
	node := nodes[0]
	n.must(n.Watch(node))

	n.must(node.Disseminator.Start())
	n.says(node.Disseminator, detectorDown)
	n.must(node.Detector.Start())
	n.says(node.Disseminator, detectorUp)

	n.must(node.Detector.Kill())
	n.saysAgain(node.Disseminator, detectorDown, 2)
	n.must(node.Detector.Start())
	n.saysAgain(node.Disseminator, detectorUp, 2)

	n.must(node.Detector.Pause())
	n.saysAgain(node.Disseminator, detectorDown, 3)
	n.must(node.Detector.Resume())
	n.saysAgain(node.Disseminator, detectorUp, 3)
	n.agree(alive(1), node)
}

// TestADetectorWithoutItsDisseminatorSaysSoAndRecovers: missing at the start, dying later.
func TestADetectorWithoutItsDisseminatorSaysSoAndRecovers(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 22)
	nodes := n.pairs(1)
	node := nodes[0]
	n.must(n.Watch(node))

	n.must(node.Detector.Start())
	n.says(node.Detector, disseminatorDown)
	n.must(node.Disseminator.Start())
	n.says(node.Detector, disseminatorUp)

	n.must(node.Disseminator.Kill())
	n.saysAgain(node.Detector, disseminatorDown, 2)
	n.must(node.Disseminator.Start())
	n.saysAgain(node.Detector, disseminatorUp, 2)

	n.must(node.Disseminator.Pause())
	n.saysAgain(node.Detector, disseminatorDown, 3)
	n.must(node.Disseminator.Resume())
	n.saysAgain(node.Detector, disseminatorUp, 3)
	n.agree(alive(1), node)
}

// TestANodeWhoseDisseminatorRestartsIsAMemberAgain: the detector lived on, so the others
// were answered all the time.
func TestANodeWhoseDisseminatorRestartsIsAMemberAgain(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 23)
	nodes := n.running(3)
	n.must(nodes[2].Disseminator.Kill())
	n.says(nodes[2].Detector, disseminatorDown)
	n.must(nodes[2].Disseminator.Start())
	n.agree(alive(3), nodes...)
	n.never(swim.Failed, nodes[:2]...)
}
