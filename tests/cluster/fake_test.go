package cluster

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
)

// TestMain lets this test binary play the two daemons, under whose names newTestCluster
// links it: real processes, of which a test knows everything.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "detector":
		os.Exit(playDetector())
	case "disseminator":
		os.Exit(playDisseminator())
	}
	os.Exit(m.Run())
}

// newTestCluster is a cluster of played daemons on addresses 127.0.net.id.
func newTestCluster(t *testing.T, net byte) *Cluster {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	for _, name := range []string{"detector", "disseminator"} {
		if err := os.Symlink(self, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"GORACE=atexit_sleep_ms=0"} // a player that was built with -race would sleep for a second
	c, err := New(Config{BinDir: bin, LogDir: t.TempDir(), Host: OwnHosts(net), Env: env})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// playDetector waits for SIGTERM, and does not obey if PLAY is stubborn.
func playDetector() int {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	fmt.Println("detector of node", os.Getenv("NODE_ID"), "with", os.Getenv("SWIM_DETECTOR_ADDR"), os.Getenv("SWIM_CLUSTER"))
	<-asked
	if os.Getenv("PLAY") == "stubborn" {
		fmt.Println("no")
		<-asked
	}
	return 0
}

// playDisseminator serves a list on which its own node is alive, and node 2 what PLAY says.
func playDisseminator() int {
	listener, err := net.Listen("tcp", os.Getenv("SWIM_DISSEMINATOR_ADDR"))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	server := grpc.NewServer()
	swimpb.RegisterMembershipServer(server, playedMembership{})
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	go func() { <-asked; server.Stop() }()
	_ = server.Serve(listener)
	return 0
}

type playedMembership struct {
	swimpb.UnimplementedMembershipServer
}

// WatchMembers sends the snapshot in two messages, then a failure of node 9 and its
// removal.
func (playedMembership) WatchMembers(_ *swimpb.WatchMembersRequest, stream swimpb.Membership_WatchMembersServer) error {
	id := swim.NodeID(os.Getenv("NODE_ID"))
	node := wire.NodeStatus{ID: id, Cluster: "swim", Instance: 1, Incarnation: 1, Version: "test", Detector: "up"}
	nine := playedMember("9", swim.Failed)
	for _, w := range []wire.Watch{
		{Revision: 1, Event: wire.Snapshot{Node: node, Members: []swim.Member{playedMember("1", swim.Alive)}, More: true}},
		{Revision: 1, Event: wire.Snapshot{Node: node, Members: []swim.Member{playedMember("2", swim.Alive)}}},
		{Revision: 2, Event: wire.Change{Member: nine, Previous: swim.Alive, Time: time.Now()}},
		{Revision: 3, Event: wire.Change{Member: nine, Previous: swim.Failed, Removed: true, Time: time.Now()}},
	} {
		if err := stream.Send(w.Proto()); err != nil {
			return err
		}
	}
	<-stream.Context().Done()
	return nil
}

func playedMember(id swim.NodeID, state swim.State) swim.Member {
	incarnation := uint64(1)
	if own := os.Getenv("PLAY_INCARNATION"); own != "" {
		incarnation, _ = strconv.ParseUint(own, 10, 64)
	}
	return swim.Member{
		ID: id, State: state, Reason: swim.Joined, Incarnation: swim.Incarnation(incarnation), Instance: 1,
		DetectorAddress: "127.0.0.1:1", DisseminatorAddress: "127.0.0.1:2", ProbeInterval: time.Second,
	}
}
