package e2e

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/swimpair/swim/internal/rpc"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/cluster"
)

func TestAPortInUseEndsTheProcessWithExitCode1AndTheCure(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 31)
	node := n.Add(1)
	for _, c := range []struct {
		half *cluster.Process
		addr string
	}{{node.Detector, node.DetectorAddress}, {node.Disseminator, node.DisseminatorAddress}} {
		occupy(t, c.addr)
		n.must(c.half.Start())
		n.exits(c.half, 1, c.addr, "another process has this port", "SWIM_DETECTOR_ADDR")
	}
}

func occupy(t *testing.T, addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
}

func TestWrongSettingsEndBothHalvesWithExitCode2AndNameTheVariable(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 32)
	for _, setting := range []string{
		"NODE_ID=", "NODE_ID=0", "NODE_ID=010", "NODE_ID=one", "NODE_ID=-1", "NODE_ID=70000",
		"MEMBERS=node1", "MEMBERS=localhost:50051,,localhost:port",
		"BOOTSTRAP_ADDRESS=localhost", "SWIM_PROBE_INTERVAL=5", "SWIM_PROBE_INTERVALL=5s",
	} {
		node := n.Add(1, setting)
		name, _, _ := strings.Cut(setting, "=")
		for _, half := range []*cluster.Process{node.Detector, node.Disseminator} {
			n.must(half.Start())
			n.exits(half, 2, name)
		}
	}
}

func TestASecondProcessWithALiveIDExitsNamingTheHolderAndHarmsNobody(t *testing.T) {
	t.Parallel()
	host := func(id int) string { return fmt.Sprintf("127.0.33.%d", id) }
	n := newNetworkAt(t, host)
	nodes := n.running(3)
	elsewhere := newNetworkAt(t, func(id int) string { return fmt.Sprintf("127.0.33.%d", 100+id) })
	double := elsewhere.Add(3, "BOOTSTRAP_ADDRESS="+nodes[0].DisseminatorAddress)

	n.must(double.Start())
	elsewhere.exits(double.Disseminator, 1, "node id 3 is held by a live node at "+nodes[2].DetectorAddress)
	n.agree(alive(3), nodes...)
	n.never(swim.Failed, nodes...)
	for _, change := range n.History(0) {
		if change.Member.ID == "3" && change.Member.DetectorAddress != swim.Address(nodes[2].DetectorAddress) {
			t.Errorf("the double was listed: %s at %s", change, change.Member.DetectorAddress)
		}
	}
}

func TestAMissingBootstrapNodeIsTriedUntilItComes(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 34)
	first := n.Add(1)
	joiner := n.Add(2, "BOOTSTRAP_ADDRESS="+first.DisseminatorAddress)
	n.start(joiner)
	n.says(joiner.Disseminator, "this node has not joined through "+first.DisseminatorAddress+".*will keep trying")
	n.start(first)
	n.agree(alive(2), first, joiner)
	n.never(swim.Failed, first, joiner)
}

func TestAJoinerThatCannotBeReachedIsToldWhereAndWhatToSet(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 35)
	first := n.running(1)[0]
	joiner := n.Add(2, "BOOTSTRAP_ADDRESS="+first.DisseminatorAddress, "SWIM_ADVERTISE_HOST=127.0.35.200")
	n.start(joiner)
	n.says(joiner.Disseminator, "this node has not joined.*I cannot reach your (detector|disseminator) at 127.0.35.200.*SWIM_ADVERTISE_HOST")
	n.agree(alive(1), first)
}

func TestANodeOfAnotherClusterIsRefusedAndToldWhy(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 36)
	first := n.running(1)[0]
	stranger := n.Add(2, "SWIM_CLUSTER=other",
		"MEMBERS="+first.DetectorAddress, "BOOTSTRAP_ADDRESS="+first.DisseminatorAddress)
	n.start(stranger)
	n.says(stranger.Disseminator, `of cluster \\?"other\\?".*SWIM_CLUSTER`)
	n.says(first.Disseminator, "refused a caller that does not belong here")
	n.agree(alive(1), first)
	n.agree(map[swim.NodeID]swim.State{"2": swim.Alive}, stranger)
}

// TestGarbageOnThePortsHarmsNobody: noise, a torn HTTP/2 preface, and one with noise behind.
func TestGarbageOnThePortsHarmsNobody(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 37)
	nodes := n.running(2)
	random := rand.New(rand.NewPCG(37, 37))
	const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	for range 20 {
		noise := make([]byte, 1+random.IntN(64<<10))
		for i := range noise {
			noise[i] = byte(random.Uint32())
		}
		for _, addr := range []string{nodes[0].DetectorAddress, nodes[0].DisseminatorAddress} {
			throw(t, addr, noise)
			throw(t, addr, []byte(preface[:1+random.IntN(len(preface)-1)]))
			throw(t, addr, append([]byte(preface), noise...))
		}
	}
	// All that happened in between has passed both loops before the next death is known.
	third := n.Add(3, "BOOTSTRAP_ADDRESS="+nodes[0].DisseminatorAddress)
	n.start(third)
	n.agree(alive(3), nodes[0], nodes[1], third)
	n.never(swim.Failed, nodes...)
}

// throw sends bytes and closes. The peer may close first: that is an answer too.
func throw(t *testing.T, addr string, noise []byte) {
	t.Helper()
	conn, err := rpc.TCP{}.Dial(t.Context(), addr)
	if err != nil {
		t.Fatalf("the port does not accept any more: %v", err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	_, _ = conn.Write(noise)
}
