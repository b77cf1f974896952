package e2e

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/swimpair/swim/internal/rpc"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
	"github.com/swimpair/swim/proto/wire"
	"github.com/swimpair/swim/tests/cluster"
)

// dial as a program of somebody else's: no metadata. Only the socket is one of ours, so that
// it keeps no node from its port.
func dial(t *testing.T, addr string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+addr,
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithContextDialer(rpc.TCP{}.Dial))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// TestAPeerOfTheSeedsFamilyGetsRightAnswers: only the seed's fields, addresses where the
// seed puts them into id fields, and no metadata.
func TestAPeerOfTheSeedsFamilyGetsRightAnswers(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 41)
	nodes := n.running(3)
	one, two, dead := nodes[0], nodes[1], nodes[2]
	detector := swimpb.NewFailureDetectorClient(dial(t, one.DetectorAddress))
	disseminator := swimpb.NewDisseminationClient(dial(t, one.DisseminatorAddress))

	ping, err := detector.Ping(n.ctx, &swimpb.PingRequest{SenderId: "9", TargetId: one.DetectorAddress})
	n.must(err)
	if !ping.GetIsAlive() {
		t.Errorf("node 1 says that it is not alive: %v", ping)
	}

	n.must(dead.Kill())
	want := alive(3)
	want["3"] = swim.Failed
	n.agree(want, one, two)
	for target, alive := range map[string]bool{two.DetectorAddress: true, dead.DetectorAddress: false} {
		answer, err := detector.IndirectPing(n.ctx, &swimpb.IndirectPingRequest{
			RequesterId: "9", TargetId: target, ProxyNodes: []string{one.DetectorAddress},
		})
		n.must(err)
		if answer.GetSuccess() != alive {
			t.Errorf("IndirectPing of %s says %t, want %t", target, answer.GetSuccess(), alive)
		}
	}

	joined, err := disseminator.Join(n.ctx, &swimpb.JoinRequest{NewNodeId: "9", NewNodeAddress: "127.0.41.9:50059"})
	n.must(err)
	members := slices.Sorted(slices.Values(joined.GetMembership()))
	if live := []string{one.DetectorAddress, two.DetectorAddress}; !slices.Equal(members, live) {
		t.Errorf("Join answers %q, want the live detectors %q", members, live)
	}

	told, err := disseminator.Disseminate(n.ctx, &swimpb.DisseminationRequest{SenderId: "9", FailedNodeId: two.DetectorAddress})
	n.must(err)
	if !told.GetSuccess() {
		t.Errorf("the news is not taken: %v", told)
	}
	n.says(one.Disseminator, "Component Dissemination of Node 1 runs RPC Disseminate called by Component FailureDetector of Node 9")
	n.never(swim.Failed, one, two) // the receiver has made sure itself
}

// TestMessagesThatBreakTheContractAreRefusedAndHarmNobody: a value that no enum has, and a
// message beyond the limit.
func TestMessagesThatBreakTheContractAreRefusedAndHarmNobody(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 42)
	nodes := n.running(2)
	disseminator := swimpb.NewDisseminationClient(dial(t, nodes[0].DisseminatorAddress))
	list, err := swimpb.NewMembershipClient(dial(t, nodes[0].DisseminatorAddress)).
		ListMembers(n.ctx, &swimpb.ListMembersRequest{})
	n.must(err)
	row := list.GetMembers()[1]
	row.State = 99
	for _, c := range []struct {
		name string
		sent *swimpb.DisseminationRequest
		want codes.Code
	}{
		{"an unknown state", &swimpb.DisseminationRequest{SenderId: "2", Members: []*swimpb.Member{row}}, codes.InvalidArgument},
		{"an oversized message", &swimpb.DisseminationRequest{SenderId: "2", FailedNodeId: strings.Repeat("x", 300<<10)}, codes.ResourceExhausted},
	} {
		if _, err := disseminator.Disseminate(n.ctx, c.sent); status.Code(err) != c.want {
			t.Errorf("%s is answered with %v, want %s", c.name, err, c.want)
		}
	}
	n.agree(alive(2), nodes...)
	n.never(swim.Failed, nodes...)
}

// TestALieAboutAMemberIsRefuted: in the name of another member, by news and by a table.
func TestALieAboutAMemberIsRefuted(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 44)
	nodes := n.running(3)
	liar := metadata.AppendToOutgoingContext(n.ctx, "swim-cluster", "swim", "swim-component", "Dissemination", "swim-node", "3")
	client := swimpb.NewDisseminationClient(dial(t, nodes[0].DisseminatorAddress))
	self, claim := n.row(nodes[0], "3"), n.row(nodes[0], "2")
	for _, state := range []swim.State{swim.Suspect, swim.Failed, swim.Left, swim.Forgotten} {
		claim.State, claim.Accuser = state, "3"
		_, err := client.Disseminate(liar, wire.Dissemination{Sender: "3", Members: []swim.Member{claim}}.Proto())
		n.must(err)
		_, err = client.Sync(liar, wire.Sync{Sender: self, Members: []swim.Member{claim}}.Proto())
		n.must(err)
	}
	n.told(nodes, "2", "alive in spite of it", func(m swim.Member) bool {
		return m.State == swim.Alive && m.Incarnation > claim.Incarnation
	})
	n.agree(alive(3), nodes...)
	n.never(swim.Failed, nodes...)
	n.never(swim.Left, nodes...)
}

// TestAFloodIsAnsweredWithCodesAndHarmsNobody: from many connections at once, whatever a
// stranger can make a node work or remember for.
func TestAFloodIsAnsweredWithCodesAndHarmsNobody(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 45)
	nodes := n.running(2)
	var flood sync.WaitGroup
	for i := range 8 {
		detector := swimpb.NewFailureDetectorClient(dial(t, nodes[0].DetectorAddress))
		disseminator := swimpb.NewDisseminationClient(dial(t, nodes[0].DisseminatorAddress))
		flood.Go(func() {
			for j := range 40 {
				stranger := fmt.Sprintf("127.0.45.%d:%d", 100+i, 1024+j)
				_, ping := detector.Ping(n.ctx, &swimpb.PingRequest{SenderId: "9", TargetId: "1"})
				_, proxy := detector.IndirectPing(n.ctx, &swimpb.IndirectPingRequest{RequesterId: "9", TargetId: stranger})
				_, accused := disseminator.Disseminate(n.ctx, &swimpb.DisseminationRequest{SenderId: "9", FailedNodeId: "2"})
				_, join := disseminator.Join(n.ctx, &swimpb.JoinRequest{NewNodeId: "9", NewNodeAddress: stranger})
				_, senseless := disseminator.Sync(n.ctx, &swimpb.SyncRequest{})
				for name, err := range map[string]error{"Ping": ping, "IndirectPing": proxy, "Disseminate": accused, "Join": join} {
					if code := status.Code(err); code != codes.OK && code != codes.ResourceExhausted {
						t.Errorf("%s is answered with %v", name, err)
					}
				}
				if status.Code(senseless) != codes.InvalidArgument {
					t.Errorf("an empty Sync is answered with %v", senseless)
				}
			}
		})
	}
	flood.Wait()
	third := n.Add(3, "BOOTSTRAP_ADDRESS="+nodes[0].DisseminatorAddress)
	n.start(third)
	n.agree(alive(3), append(nodes, third)...)
	n.never(swim.Failed, nodes...)
	for _, half := range []*cluster.Process{nodes[0].Detector, nodes[0].Disseminator} {
		usage, err := half.Usage()
		n.must(err)
		if usage.RSS > 100<<20 {
			t.Errorf("%s has grown to %d bytes", half.Name, usage.RSS)
		}
	}
}

// TestAContactThatSpeaksGarbageStaysAContact: it accepts, and answers with noise.
func TestAContactThatSpeaksGarbageStaysAContact(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 46)
	babbler, err := net.Listen("tcp", "127.0.46.9:50059")
	n.must(err)
	t.Cleanup(func() { _ = babbler.Close() })
	go func() {
		for {
			conn, err := babbler.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte(strings.Repeat("\x00noise\xff", 1000)))
			_ = conn.Close()
		}
	}()
	nodes := n.pairs(2)
	third := n.Add(3, "MEMBERS="+nodes[0].DetectorAddress+",127.0.46.9:50059", "BOOTSTRAP_ADDRESS=127.0.46.9:50059")
	n.start(append(nodes, third)...)
	n.says(third.Detector, "contact 127.0.46.9:50059 does not answer")
	n.says(third.Disseminator, "this node has not joined")
	n.agree(alive(3), append(nodes, third)...)
	n.never(swim.Failed, append(nodes, third)...)
}

func TestAMemberAddressThatCannotBeResolvedStaysAContact(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 43)
	node := n.Add(1, "MEMBERS=no-such-host.invalid:50059")
	n.start(node)
	n.says(node.Detector, "contact no-such-host.invalid:50059 does not answer")
	n.agree(alive(1), node)
	list, err := n.Members(n.ctx, node)
	n.must(err)
	for _, m := range list.Members {
		if m.DetectorAddress == "no-such-host.invalid:50059" && m.State != swim.Contact {
			t.Errorf("an address that nobody has met is listed as %s", m.State)
		}
	}
}
