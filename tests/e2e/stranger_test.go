package e2e

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/swimpair/swim/internal/rpc"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/swimpb"
)

// dial as a program of somebody else's: no metadata. Only the socket is one of ours, so that
// it keeps no node from its port.
func dial(t *testing.T, addr string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+addr,
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithContextDialer(rpc.DialTCP))
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
