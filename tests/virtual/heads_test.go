package virtual_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
	"github.com/swimpair/swim/tests/virtual"
)

// News through heads, over real gRPC.

// startLarge starts nine nodes that tell one another everything through heads.
func startLarge(net *virtual.Net) (nodes []*virtual.Node) {
	all := []int{1, 2, 3, 4, 5, 6, 7, 8, 9}
	for _, id := range all {
		nodes = append(nodes, net.Start(id, virtual.Options{Members: all, HeadsFrom: 1}))
	}
	time.Sleep(20 * time.Second)
	return nodes
}

// disseminations counts what a node has sent.
func disseminations(n *virtual.Node) int {
	return n.DisseminatorLog.FilterMessageSnippet("sends RPC Disseminate").Len()
}

func TestAnUpdateReachesAllThroughHeads(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startLarge(net)
		before := 0
		for _, n := range nodes {
			before += disseminations(n)
		}
		own := disseminations(nodes[0])
		conn := net.Client(nodes[0].DisseminatorAddress)
		defer conn.Close()
		if _, err := swimpb.NewMembershipClient(conn).SetTags(context.Background(), &swimpb.SetTagsRequest{Tags: map[string]string{"k": "v"}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		all := -before
		for _, n := range nodes {
			all += disseminations(n)
			if got := n.Row("1").Tags["k"]; got != "v" {
				t.Errorf("node %s has not heard of the update", n.ID)
			}
		}
		if got := disseminations(nodes[0]) - own; got != 4 || all != 8 {
			t.Errorf("node 1 has sent %d messages and all have sent %d, want 4, to the heads, and 8", got, all)
		}
	})
}

func TestASilentNodeIsFailedEverywhereThroughHeads(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startLarge(net)
		net.Silence("9")
		eventually(t, 15*time.Second, nodes[:8], "9", swim.Failed)
		net.Lift("9")
		eventually(t, 20*time.Second, nodes, "9", swim.Alive)
	})
}

// A range makes its head call many, so it is taken from members that say who they are.
func TestARangeIsTakenFromTheSendersDisseminatorOnly(t *testing.T) {
	virtual.Run(t, func(net *virtual.Net) {
		nodes := startFive(net)
		conn := net.Client(nodes[0].DisseminatorAddress)
		defer conn.Close()
		client := swimpb.NewDisseminationClient(conn)
		for _, test := range []struct {
			sender, component, node string
			want                    codes.Code
			served                  bool
		}{
			{"2", "Dissemination", "2", codes.OK, true},
			{"77", "Dissemination", "77", codes.OK, false}, // a stranger
			{"2", "Dissemination", "4", codes.PermissionDenied, false},
			{"1", "FailureDetector", "1", codes.PermissionDenied, false},
			{"2", "", "", codes.PermissionDenied, false},
		} {
			request := wire.Dissemination{
				Sender: swim.NodeID(test.sender), Members: []swim.Member{nodes[0].Row("3")}, Serve: &swim.HashRange{},
			}.Proto()
			ctx := context.Background()
			if test.component != "" {
				ctx = metadata.AppendToOutgoingContext(ctx, "swim-cluster", "swim", "swim-component", test.component, "swim-node", test.node)
			}
			answer, err := client.Disseminate(ctx, request)
			if status.Code(err) != test.want || answer.GetServed() != test.served {
				t.Errorf("from %q of node %q, sender %s: got %v, %v; want %s, served %t",
					test.component, test.node, test.sender, answer, err, test.want, test.served)
			}
		}
	})
}
